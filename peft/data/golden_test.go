package data_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/data"
)

// golden is what testdata/gen/encoded.py writes.
type golden struct {
	Batches []struct {
		Texts, Pairs  []string
		Limit, Length int
		InputIDs      [][]int32 `json:"input_ids"`
		AttentionMask [][]int32 `json:"attention_mask"`
		TokenTypeIDs  [][]int32 `json:"token_type_ids"`
	}
	Orders []struct {
		N     int
		Seed  uint64
		Epoch int
		Order []int
	}
}

func readGolden(t *testing.T) (g golden) {
	raw, err := os.ReadFile("testdata/encoded.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

func wordpiece(t testing.TB) tokenizer.Tokenizer {
	tok, err := tokenizer.FromFile("testdata/tokenizer.json")
	require.NoError(t, err)
	return tok
}

// Batches equal those of transformers' tokenizer, padded to the bucket's length.
func TestEncode(t *testing.T) {
	for _, want := range readGolden(t).Batches {
		e := data.Encoder{Tokenizer: wordpiece(t), MaxLength: want.Limit, Pairs: want.Pairs != nil}
		examples := make([]data.Example, len(want.Texts))
		tokens := 0
		for i, text := range want.Texts {
			examples[i].Text = text
			if want.Pairs != nil {
				examples[i].Pair = want.Pairs[i]
			}
			for _, one := range want.AttentionMask[i] {
				tokens += int(one)
			}
		}
		b, err := e.Encode(examples, 0)
		require.NoError(t, err)
		require.Equal(t, len(examples), b.Rows)
		require.Equal(t, tokens, b.Tokens)
		require.Equal(t, want.InputIDs, b.Tensors["input_ids"].Value())
		require.Equal(t, want.AttentionMask, b.Tensors["attention_mask"].Value())
		require.Equal(t, want.TokenTypeIDs, b.Tensors["token_type_ids"].Value())

		// Rows that fill up are copies of the last and count for nothing.
		filled, err := e.Encode(examples, len(examples)+2)
		require.NoError(t, err)
		last := want.InputIDs[len(examples)-1]
		require.Equal(t, append(want.InputIDs, last, last), filled.Tensors["input_ids"].Value())
		require.Equal(t, b.Rows, filled.Rows)
		require.Equal(t, b.Tokens, filled.Tokens)

		e.NoTypeIDs = true
		b, err = e.Encode(examples, 0)
		require.NoError(t, err)
		require.NotContains(t, b.Tensors, "token_type_ids")
	}
}

// Orders equal those of the published algorithms, written down a second time.
func TestOrder(t *testing.T) {
	for _, want := range readGolden(t).Orders {
		require.Equal(t, want.Order, seeded.Order(want.N, want.Seed, want.Epoch))
	}
	require.Empty(t, seeded.Order(0, 1, 1))
}

// All 24 orders of four occur equally often over epochs, and so do all pairs of an epoch's order and the next one's:
// both counts pass a chi-squared test at 1 in 10,000.
func TestOrderUniform(t *testing.T) {
	const epochs = 24 * 24 * 20
	rank := func(order []int) (r int) {
		for i, x := range order {
			smaller := 0
			for _, y := range order[i+1:] {
				if y < x {
					smaller++
				}
			}
			r = r*(len(order)-i) + smaller
		}
		return r
	}
	single, joint := make([]float64, 24), make([]float64, 24*24)
	before := 0
	for epoch := range epochs {
		now := rank(seeded.Order(4, 3, epoch))
		single[now]++
		joint[now*24+before]++
		before = now
	}
	chi := func(counts []float64) (sum float64) {
		expected := float64(epochs) / float64(len(counts))
		for _, n := range counts {
			sum += (n - expected) * (n - expected) / expected
		}
		return sum
	}
	require.Less(t, chi(single), 57.3) // 23 degrees of freedom
	require.Less(t, chi(joint), 709.8) // 575 degrees of freedom
}
