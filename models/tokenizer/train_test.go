package tokenizer

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrain holds what is learned to what HF tokenizers learns, by internal/testdata/gen/tokenizer_training.py.
func TestTrain(t *testing.T) {
	var golden struct {
		Lines []string
		Cases []struct {
			Name     string
			Template json.RawMessage
			Options  struct {
				VocabSize       int      `json:"vocab_size"`
				SpecialTokens   []string `json:"special_tokens"`
				MinFrequency    int      `json:"min_frequency"`
				MaxTokenLength  int      `json:"max_token_length"`
				UnkToken        string   `json:"unk_token"`
				MaxPieceLength  int      `json:"max_piece_length"`
				ShrinkingFactor float64  `json:"shrinking_factor"`
				SubIterations   int      `json:"n_sub_iterations"`
			}
			Alphabet bool
			Vocab    json.RawMessage
			Merges   json.RawMessage
			UnkID    *int `json:"unk_id"`
		}
	}
	readJSON(t, "testdata/training.json", &golden)
	require.NotEmpty(t, golden.Cases)
	for _, c := range golden.Cases {
		t.Run(c.Name, func(t *testing.T) {
			o := &TrainOptions{
				VocabSize: c.Options.VocabSize, SpecialTokens: c.Options.SpecialTokens, MinFrequency: c.Options.MinFrequency,
				MaxTokenLength: c.Options.MaxTokenLength, UnkToken: c.Options.UnkToken, MaxPieceLength: c.Options.MaxPieceLength,
				ShrinkingFactor: c.Options.ShrinkingFactor, SubIterations: c.Options.SubIterations,
			}
			if c.Alphabet {
				o.InitialAlphabet = ByteAlphabet()
			}
			data, err := Train(c.Template, slices.Values(golden.Lines), o)
			require.NoError(t, err)
			var got struct {
				Model struct {
					Type   string
					Vocab  json.RawMessage
					Merges json.RawMessage
					UnkID  *int `json:"unk_id"`
				}
			}
			require.NoError(t, json.Unmarshal(data, &got))
			switch got.Model.Type {
			case "Unigram":
				sameUnigram(t, c.Vocab, got.Model.Vocab)
				require.Equal(t, c.UnkID, got.Model.UnkID)
			case "WordPiece": // the reference numbers characters inside words by the order of a hash table
				require.ElementsMatch(t, keys(t, c.Vocab), keys(t, got.Model.Vocab))
			default:
				require.JSONEq(t, string(c.Vocab), string(got.Model.Vocab))
				if got.Model.Type == "BPE" {
					require.JSONEq(t, string(c.Merges), string(got.Model.Merges))
				}
			}
			tok, err := FromBytes(data)
			require.NoError(t, err)
			for i, s := range o.SpecialTokens {
				id, ok := tok.TokenToID(s)
				require.True(t, ok)
				if c.UnkID == nil || c.Options.SpecialTokens[0] == o.UnkToken {
					require.EqualValues(t, i, id)
				}
			}
		})
	}
}

func keys(t *testing.T, raw json.RawMessage) []string {
	var m map[string]int
	require.NoError(t, json.Unmarshal(raw, &m))
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// sameUnigram holds pieces and scores to the reference's. It deals out the scores of characters that training dropped,
// which lie close together, in the order of a hash table.
func sameUnigram(t *testing.T, want, got json.RawMessage) {
	var a, b [][2]any
	require.NoError(t, json.Unmarshal(want, &a))
	require.NoError(t, json.Unmarshal(got, &b))
	require.Len(t, b, len(a))
	scores := make(map[any]float64)
	for _, e := range a {
		scores[e[0]] = e[1].(float64)
	}
	for i, e := range b {
		require.Contains(t, scores, e[0])
		within := 1e-9
		if len([]rune(e[0].(string))) == 1 {
			within = 0.01
		}
		require.InDelta(t, scores[e[0]], e[1], within, "%v", e[0])
		require.InDelta(t, a[i][1], e[1], 1e-9, "%d", i)
	}
}
