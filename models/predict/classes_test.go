package predict_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// classifiers are tiny ones of each family, with the tokenizer of its kind.
var classifiers = map[string][2]string{
	"bert":       {bert("BertForSequenceClassification", three), "wordpiece"},
	"distilbert": {`{"model_type": "distilbert", "architectures": ["DistilBertForSequenceClassification"], "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "vocab_size": 700, "max_position_embeddings": 64` + three + `}`, "wordpiece"},
	"roberta":    {`{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "pad_token_id": 1, "type_vocab_size": 1, ` + sizes + three + `}`, "roberta"},
	"bart": {`{"model_type": "bart", "architectures": ["BartForSequenceClassification"], "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
		"decoder_attention_heads": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "vocab_size": 700, "max_position_embeddings": 64, "pad_token_id": 1, "eos_token_id": 2,
		"decoder_start_token_id": 2` + three + `}`, "roberta"},
	"gpt2": {`{"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"], "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64, "vocab_size": 700,
		"pad_token_id": 0` + three + `}`, "bytelevel"},
	// No token that pads: one row at a time. Another one than the tokenizer's: rows of one length.
	"llama without padding": {llama(``), "llama2"},
	"llama padded":          {llama(`, "pad_token_id": 2`), "llama2"},
	"llama padded with 600": {llama(`, "pad_token_id": 600`), "llama2"},
}

// endsText names the token that ends a text, by which GPT-2's rows are padded.
var endsText = map[string]string{"tokenizer_config.json": `{"eos_token": "<|endoftext|>"}`}

func llama(more string) string {
	return `{"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], ` + sizes + three + more + `}`
}

// Every family's classes are the softmax of its logits for each text by itself, in the order given, whatever stood beside it
// in a batch.
func TestClasses(t *testing.T) {
	for name, c := range classifiers {
		if golden.Compiles && name != "bert" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			more := endsText
			if c[1] != "bytelevel" {
				more = nil
			}
			a := open(t, c[0], c[1], more)
			p, err := predict.New(a, predict.Options{BatchSize: 3})
			require.NoError(t, err)
			texts := append(slices.Clone(texts), texts[:2]...) // two pairs of one length
			got, err := p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
			require.NoError(t, err)
			require.Len(t, got, len(texts))
			for i, text := range texts {
				same(t, softmax(alone(t, a, peft.Base(), "logits", text)), got[i])
			}
		})
	}
}

// same wants a prediction of these probabilities, of the classes red, green and blue.
func same(t *testing.T, want []float64, got predict.Prediction) {
	t.Helper()
	best := 0
	require.Len(t, got.Scores, 3)
	for j, w := range want {
		require.InDelta(t, w, got.Scores[j].Probability, tolerance)
		require.Equal(t, []string{"red", "green", "blue"}[j], got.Scores[j].Class)
		if w > want[best] {
			best = j
		}
	}
	require.Equal(t, got.Scores[best].Class, got.Class)
	require.Equal(t, best, got.Index)
	require.Equal(t, got.Scores[best].Probability, got.Probability)
}

// Prompts put columns in front of a text, prefixes don't; either way a text's answer is its own. A decoder whose padding a
// prompt hides is asked for texts of one length at a time.
func TestClassesWithPrompts(t *testing.T) {
	for _, name := range []string{"bert", "gpt2"} {
		c := classifiers[name]
		for method, cfg := range map[string]peft.Config{
			"prompt": &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}},
			"prefix": &prefix.Config{Virtual: prompt.Virtual{Tokens: 3}},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				more := endsText
				if c[1] != "bytelevel" {
					more = nil
				}
				a := open(t, c[0], c[1], more)
				require.NoError(t, a.Attach("it", cfg, peft.Seed(5)))
				p, err := predict.New(a, predict.Options{BatchSize: 4})
				require.NoError(t, err)
				got, err := p.Classes(t.Context(), peft.Use("it"), predict.Texts(texts))
				require.NoError(t, err)
				for i, text := range texts {
					same(t, softmax(alone(t, a, peft.Use("it"), "logits", text)), got[i])
				}
			})
		}
	}
}

// A prompt takes positions, so that less of a long text is read.
func TestLongTextWithPrompt(t *testing.T) {
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	require.NoError(t, a.Attach("it", &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}))
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	long := strings.Repeat("the ", 100)
	got, err := p.Classes(t.Context(), peft.Use("it"), predict.Texts{long})
	require.NoError(t, err)
	same(t, softmax(alone(t, a, peft.Use("it"), "logits", long[:4*59])), got[0])
	require.NoError(t, a.Attach("all", &tuning.Config{Virtual: prompt.Virtual{Tokens: 64}}))
	_, err = p.Classes(t.Context(), peft.Use("all"), predict.Texts{long})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "all 64 positions")
}

func TestPairs(t *testing.T) {
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	var pairs predict.Pairs
	for i, text := range texts {
		pairs = append(pairs, predict.Pair{First: text, Second: texts[(i+2)%len(texts)][:1] + " of the numbers"})
	}
	got, err := p.Classes(t.Context(), peft.Base(), pairs)
	require.NoError(t, err)
	for i, pair := range pairs {
		same(t, softmax(alone(t, a, peft.Base(), "logits", pair.First, pair.Second)), got[i])
	}
	_, err = p.Classes(t.Context(), peft.Base(), predict.Pairs{{First: "a", Second: "b"}, {First: "a"}})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "pairs[1]")
}

// Texts beyond MaxLength are cut on the right.
func TestMaxLength(t *testing.T) {
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{MaxLength: 5})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Base(), predict.Texts{"the number is given as a literal", "the number is"})
	require.NoError(t, err)
	require.Equal(t, got[1].Scores, got[0].Scores)
}

// Each row keeps its adapter through the sorting, and its classes have the names of that adapter.
func TestRows(t *testing.T) {
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	for i, labels := range [][]string{nil, {"warm", "mild", "cold"}} {
		name := string(rune('a' + i))
		require.NoError(t, a.Attach(name, &lora.Config{
			Common: peft.Common{TaskType: "SEQ_CLS", Labels: labels}, R: 4, Alpha: 32, Targets: peft.Match("query", "value"),
		}, peft.Seed(uint64(i))))
		ad, err := a.Adapter(name)
		require.NoError(t, err)
		require.NoError(t, ad.Set(stirred(t, ad)))
	}
	rows := []string{"a", "b", "", "b", "a", "", "b"}
	p, err := predict.New(a, predict.Options{BatchSize: 2})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Rows(rows...), predict.Texts(texts))
	require.NoError(t, err)
	for i, text := range texts {
		sel := peft.Base()
		if rows[i] != "" {
			sel = peft.Use(rows[i])
		}
		want := softmax(alone(t, a, sel, "logits", text))
		for j, w := range want {
			require.InDelta(t, w, got[i].Scores[j].Probability, tolerance)
		}
		names := []string{"red", "green", "blue"}
		if rows[i] == "b" {
			names = []string{"warm", "mild", "cold"}
		}
		require.Contains(t, names, got[i].Class)
	}
	both, err := p.Classes(t.Context(), peft.Use("b"), predict.Texts(texts[:1]))
	require.NoError(t, err)
	require.Equal(t, "mild", both[0].Scores[1].Class)
	_, err = p.Classes(t.Context(), peft.Rows("a", "b"), predict.Texts(texts))
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "2 rows, but there are 7 inputs")
	_, err = p.Classes(t.Context(), peft.Use("c"), predict.Texts(texts))
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// stirred gives an adapter's values with what begins as 0 no longer so.
func stirred(t *testing.T, a *peft.Adapter) peft.Tensors {
	t.Helper()
	out := peft.Tensors{}
	for k, p := range a.Params() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		flat := make([]float32, n)
		for i := range flat {
			flat[i] = float32(math.Sin(float64(i*(k+3)) + float64(len(a.Name())+int(a.Name()[0]))))
		}
		if len(p.Const) == 0 {
			out[p.FileKey()] = shaped(flat, p.Shape)
		}
	}
	return out
}

func TestLabels(t *testing.T) {
	a := open(t, bert("BertForSequenceClassification", three+`, "problem_type": "multi_label_classification"`), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	got, err := p.Labels(t.Context(), peft.Base(), predict.Texts(texts))
	require.NoError(t, err)
	for i, text := range texts {
		var classes []string
		for j, x := range alone(t, a, peft.Base(), "logits", text) {
			want := 1 / (1 + math.Exp(-float64(x)))
			require.InDelta(t, want, got[i].Scores[j].Probability, tolerance)
			if want >= 0.5 {
				classes = append(classes, []string{"red", "green", "blue"}[j])
			}
		}
		require.Equal(t, classes, got[i].Classes)
	}
	all, err := predict.New(a, predict.Options{Threshold: 1e-9})
	require.NoError(t, err)
	got, err = all.Labels(t.Context(), peft.Base(), predict.Texts(texts[:1]))
	require.NoError(t, err)
	require.Equal(t, []string{"red", "green", "blue"}, got[0].Classes)
	_, err = p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "see Labels")
}

func TestNumbers(t *testing.T) {
	for name, more := range map[string]string{"one": `, "num_labels": 1`, "three": three + `, "problem_type": "regression"`} {
		t.Run(name, func(t *testing.T) {
			a := open(t, bert("BertForSequenceClassification", more), "wordpiece", nil)
			p, err := predict.New(a, predict.Options{})
			require.NoError(t, err)
			got, err := p.Numbers(t.Context(), peft.Base(), predict.Texts(texts))
			require.NoError(t, err)
			for i, text := range texts {
				want := alone(t, a, peft.Base(), "logits", text)
				require.Len(t, got[i], len(want))
				for j, w := range want {
					require.InDelta(t, w, got[i][j], tolerance)
				}
			}
			_, err = p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
			require.ErrorContains(t, err, "see Numbers")
		})
	}
	p, err := predict.New(open(t, bert("BertForSequenceClassification", three), "wordpiece", nil), predict.Options{})
	require.NoError(t, err)
	_, err = p.Numbers(t.Context(), peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "3 classes")
}

// What can't be answered is an error that says why, before anything runs.
func TestBadCalls(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	ctx := t.Context()
	classes := func(ctx context.Context, in predict.Inputs) error {
		_, err := p.Classes(ctx, peft.Base(), in)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"no context":  {classes(nil, predict.Texts(texts)), "ctx"}, //nolint:staticcheck // that is the point
		"nil inputs":  {classes(ctx, nil), "nil"},
		"no texts":    {classes(ctx, predict.Texts{}), "nothing to predict"},
		"empty text":  {classes(ctx, predict.Texts{"a", ""}), "texts[1]"},
		"images":      {classes(ctx, predict.ImageFiles{"a.png"}), "Classes of image files: the backbone bert has the head sequence-classification, want the head image-classification"},
		"sounds":      {classes(ctx, predict.SoundFiles{"a.wav"}), "audio-classification"},
		"words":       {second(p.Words(ctx, peft.Base(), texts)), "want the head token-classification"},
		"entities":    {second(p.Entities(ctx, peft.Base(), texts)), "Entities"},
		"answers":     {second(p.Answers(ctx, peft.Base(), []predict.Question{{"a", "b"}})), "question-answering"},
		"embeddings":  {second(p.Embeddings(ctx, peft.Base(), texts)), "want no head"},
		"blanks":      {second(p.Blanks(ctx, peft.Base(), texts, 1)), "masked-lm"},
		"transcripts": {second(p.Transcripts(ctx, peft.Base(), predict.SoundFiles{"a"})), "ctc"},
		"texts read":  {second(p.Transcripts(ctx, peft.Base(), predict.Texts{"a"})), "want Sounds"},
	} {
		require.ErrorIs(t, c.err, peft.ErrInput, name)
		require.ErrorContains(t, c.err, c.says, name)
	}
	var head *predict.HeadError
	require.ErrorAs(t, classes(ctx, predict.ImageFiles{"a.png"}), &head)
	require.ErrorIs(t, head, predict.ErrModel)

	_, err = predict.New(nil, predict.Options{})
	require.ErrorIs(t, err, peft.ErrInput)
	for field, o := range map[string]predict.Options{
		"BatchSize": {BatchSize: -1}, "MaxLength": {MaxLength: -1}, "Stride": {Stride: -1}, "MaxAnswer": {MaxAnswer: -1},
		"Buckets": {Buckets: []int{8, 8}}, "Threshold": {Threshold: 1.5}, "Pooling": {Pooling: 99},
	} {
		_, err := predict.New(a, o)
		require.ErrorIs(t, err, predict.ErrOption, field)
		require.ErrorContains(t, err, field)
	}
	long, err := predict.New(a, predict.Options{MaxLength: 65})
	require.NoError(t, err)
	_, err = long.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrOption)
	require.ErrorContains(t, err, "64 positions")

	b, err := models.Random([]byte(bert("BertForSequenceClassification", three)), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	homeless, err := predict.New(peft.New(b), predict.Options{})
	require.NoError(t, err)
	_, err = homeless.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "tokenizer")
}

func second[T any](_ T, err error) error { return err }

// A context that ends between two batches stops the call.
func TestCancelled(t *testing.T) {
	golden.OnGo(t)
	p, err := predict.New(open(t, bert("BertForSequenceClassification", three), "wordpiece", nil), predict.Options{BatchSize: 1})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = p.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, context.Canceled)
	late := &lateContext{Context: t.Context(), left: len(texts) + 2}
	_, err = p.Classes(late, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Regexp(t, `stopped behind [1-6] rows`, err.Error())
}

// lateContext ends when it has been asked so many times.
type lateContext struct {
	context.Context
	left int
}

func (c *lateContext) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}
