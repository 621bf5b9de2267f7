package predict_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// fixed is a tokenizer of texts of letters, "aaa" and so on: each stands for the row of ids that has as many tokens as it
// has letters, a token for each.
type fixed struct {
	tokenizer.Tokenizer // nothing else is asked for
	rows                []*tokenizer.Encoding
}

func (f *fixed) Encode(text string, _ *tokenizer.Options) (*tokenizer.Encoding, error) {
	for _, row := range f.rows {
		if row.Len() == len(text) {
			return row, nil
		}
	}
	return nil, tokenizer.ErrUnknown
}

func (f *fixed) EncodePair(_, text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
	return f.Encode(text, o)
}

func (*fixed) Special() tokenizer.SpecialTokens { return tokenizer.SpecialTokens{Pad: 1, CLS: -1} }
func (*fixed) MaxLength() int                   { return 0 }

// fixtureCase is a base of the fixtures with one of its adapters, and what transformers and HF PEFT make of its rows.
type fixtureCase struct {
	adapted *peft.Adapted
	sel     peft.Selection
	texts   []string
	tok     *fixed
	out     peft.Tensors
}

// openCase opens a base with an adapter. Its rows differ in length and have their padding on the right.
func openCase(t *testing.T, base, name string) fixtureCase {
	t.Helper()
	f := golden.Committed(t)
	b, err := models.Load(f.BaseDir(base), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	io, err := peft.ReadTensors(filepath.Join(f.BaseDir(base), "io.safetensors"))
	require.NoError(t, err)
	c := fixtureCase{adapted: peft.New(b), tok: &fixed{}, out: golden.Under(io, "out.")}
	if name != "" {
		_, err := c.adapted.LoadAs("it", f.CaseDir(base, name))
		require.NoError(t, err)
		c.sel = peft.Use("it")
		values, err := peft.ReadTensors(filepath.Join(f.CaseDir(base, name), "golden.safetensors"))
		require.NoError(t, err)
		if c.out = golden.Under(values, "loaded."); len(c.out) == 0 {
			c.out = golden.Under(values, "out.")
		}
	}
	in := golden.Under(io, "in.")
	width := in["input_ids"].Shape().Dimensions[1]
	ids, mask, types := ints(t, in["input_ids"]), ints(t, in["attention_mask"]), make([]int32, in["input_ids"].Size())
	if in["token_type_ids"] != nil {
		types = ints(t, in["token_type_ids"])
	}
	for at := 0; at < len(ids); at += width {
		n := 0
		for n < width && mask[at+n] == 1 {
			n++
		}
		row := &tokenizer.Encoding{IDs: ids[at : at+n], AttentionMask: mask[at : at+n], TypeIDs: types[at : at+n]}
		for j := range int32(n) {
			row.WordIDs, row.SequenceIDs = append(row.WordIDs, j), append(row.SequenceIDs, 0)
			row.Offsets, row.ByteOffsets = append(row.Offsets, [2]int32{j, j + 1}), append(row.ByteOffsets, [2]int32{j, j + 1})
		}
		c.tok.rows, c.texts = append(c.tok.rows, row), append(c.texts, strings.Repeat("a", n))
	}
	return c
}

func ints(t *testing.T, x *peft.Tensor) (out []int32) {
	t.Helper()
	require.NoError(t, x.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []int64:
			for _, i := range v {
				out = append(out, int32(i))
			}
		case []int32:
			out = append(out, v...)
		}
	}))
	return out
}

func (c *fixtureCase) floats(t *testing.T, name string) []float32 {
	t.Helper()
	flat, err := tensors.CopyFlatData[float32](c.out[name])
	require.NoError(t, err)
	return flat
}

// near4 is the fixtures' tolerance of logits, as probabilities of them.
const near4 = 1e-4

// Answers are made of the logits that transformers gives, and HF PEFT with an adapter.
func TestGoldenClasses(t *testing.T) {
	for _, name := range []string{"", "lora", "prefix", "prompt"} {
		c := openCase(t, "bert_seqcls", name)
		p, err := predict.New(c.adapted, predict.Options{Tokenizer: c.tok})
		require.NoError(t, err)
		got, err := p.Classes(t.Context(), c.sel, predict.Texts(c.texts))
		require.NoError(t, err)
		logits := c.floats(t, "logits")
		classes := len(logits) / len(c.texts)
		for i := range c.texts {
			for j, want := range softmax(logits[i*classes : (i+1)*classes]) {
				require.InDelta(t, want, got[i].Scores[j].Probability, near4, name)
			}
		}
	}
}

func TestGoldenWords(t *testing.T) {
	for _, name := range []string{"", "lora"} {
		c := openCase(t, "bert_tokcls", name)
		p, err := predict.New(c.adapted, predict.Options{Tokenizer: c.tok})
		require.NoError(t, err)
		got, err := p.Words(t.Context(), c.sel, c.texts)
		require.NoError(t, err)
		logits, classes := c.floats(t, "logits"), len(c.adapted.Backbone().Info().Classes)
		width := len(logits) / classes / len(c.texts)
		for i, text := range c.texts {
			require.Len(t, got[i], len(text))
			for j, word := range got[i] {
				at := (i*width + j) * classes
				for k, want := range softmax(logits[at : at+classes]) {
					require.InDelta(t, want, word.Scores[k].Probability, near4)
				}
			}
		}
	}
}

func TestGoldenAnswers(t *testing.T) {
	for _, name := range []string{"", "lora"} {
		c := openCase(t, "bert_qa", name)
		for _, row := range c.tok.rows {
			for j := range row.SequenceIDs {
				row.SequenceIDs[j] = int32(min(j/3, 1)) // three tokens of a question
			}
		}
		p, err := predict.New(c.adapted, predict.Options{Tokenizer: c.tok, MaxAnswer: 4})
		require.NoError(t, err)
		var questions []predict.Question
		for _, text := range c.texts {
			questions = append(questions, predict.Question{Question: "q", Context: text})
		}
		got, err := p.Answers(t.Context(), c.sel, questions)
		require.NoError(t, err)
		starts, ends := c.floats(t, "start_logits"), c.floats(t, "end_logits")
		width := len(starts) / len(c.texts)
		for i, row := range c.tok.rows {
			own := func(x []float32) []float64 { return softmax(x[i*width+3 : i*width+row.Len()]) }
			best, from, to := 0.0, 0, 0
			for s, a := range own(starts) {
				for e, b := range own(ends) {
					if s <= e && e-s < 4 && a*b > best {
						best, from, to = a*b, s+3, e+4
					}
				}
			}
			require.InDelta(t, best, got[i].Probability, near4)
			require.Equal(t, []int{from, to}, []int{got[i].Start, got[i].End})
		}
	}
}
