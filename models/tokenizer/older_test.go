package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSentencePiece holds model files to SentencePiece's own answers.
func TestSentencePiece(t *testing.T) {
	var golden struct {
		Texts   []string
		Unigram [][]int32
		BPE     [][]int32
		A       []*string `json:"unigram_decoded"`
		B       []*string `json:"bpe_decoded"`
	}
	readJSON(t, "testdata/sentencepiece.json", &golden)
	require.NotEmpty(t, golden.Texts)
	for _, kind := range []struct {
		file, name, config string
		ids                [][]int32
		decoded            []*string
		around             [2]int32 // ids before and after a text
	}{
		{"unigram.model", "spiece.model", `{}`, golden.Unigram, golden.A, [2]int32{-1, 2}},
		{"bpe.model", "tokenizer.model", `{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "model_max_length": 77}`, golden.BPE, golden.B, [2]int32{1, -1}},
	} {
		dir := t.TempDir()
		data, err := os.ReadFile("testdata/" + kind.file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, kind.name), data, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), []byte(kind.config), 0o600))
		tok, err := Load(dir)
		require.NoError(t, err)
		for i, text := range golden.Texts {
			got, err := tok.Encode(text, &Options{NoSpecialTokens: true})
			require.NoError(t, err)
			require.Equal(t, kind.ids[i], append([]int32{}, got.IDs...), "%s %q", kind.file, text)
			if kind.decoded[i] != nil {
				require.Equal(t, *kind.decoded[i], tok.Decode(got.IDs, true), "%s %q", kind.file, text)
			}
		}
		got, err := tok.Encode("abc", nil)
		require.NoError(t, err)
		if kind.around[0] >= 0 {
			require.Equal(t, kind.around[0], got.IDs[0])
			require.Equal(t, 77, tok.MaxLength())
			require.EqualValues(t, 1, tok.Special().BOS)
		}
		if kind.around[1] >= 0 {
			require.Equal(t, kind.around[1], got.IDs[got.Len()-1])
		}
		for cut := range 60 {
			_, err := parseSentencePiece(data[:len(data)-1-cut*len(data)/60])
			if err != nil {
				require.ErrorIs(t, err, ErrFormat)
			}
		}
	}
	_, err := Load(t.TempDir())
	require.ErrorContains(t, err, "no tokenizer in")
}

// TestVocabMerges holds folders of vocab.json and merges.txt to the goldens of their tokenizer.json.
func TestVocabMerges(t *testing.T) {
	for kind, config := range map[string]string{"bytelevel": `{}`, "roberta": `{"tokenizer_class": "RobertaTokenizer"}`} {
		var file struct {
			Model struct {
				Vocab  json.RawMessage
				Merges [][2]string
			}
		}
		readJSON(t, "testdata/"+kind+"/tokenizer.json", &file)
		lines := []string{"#version: 0.2"}
		for _, m := range file.Model.Merges {
			lines = append(lines, m[0]+" "+m[1])
		}
		dir := t.TempDir()
		for name, text := range map[string]string{
			"vocab.json": string(file.Model.Vocab), "merges.txt": strings.Join(lines, "\n") + "\n", "tokenizer_config.json": config,
		} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
		tok, err := Load(dir)
		require.NoError(t, err)
		checkGolden(t, tok, "testdata/"+kind+"/golden.json")
	}
}
