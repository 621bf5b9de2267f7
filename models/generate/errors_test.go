package generate_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

func tiny(t *testing.T, name string) *peft.Adapted {
	t.Helper()
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), name)
	require.NoError(t, err)
	return peft.New(base.Backbone)
}

func TestBadOptions(t *testing.T) {
	a := tiny(t, "llama_lm")
	for says, o := range map[string]generate.Options{
		"max_new_tokens must not be negative, is -1":       {MaxNewTokens: -1},
		"num_beams must not be negative, is -2":            {Beams: -2},
		"temperature must be a number that is not neg":     {Temperature: -0.5},
		"top_p must be in 0..1, is 1.5":                    {Temperature: 1, TopP: 1.5},
		"top_k does nothing without a temperature":         {TopK: 3},
		"top_p does nothing without a temperature":         {TopP: 0.5},
		"min_p does nothing without a temperature":         {MinP: 0.5},
		"typical_p does nothing without a temperature":     {TypicalP: 0.5},
		"num_beams of 2 with a temperature (sampled beams": {Beams: 2, Temperature: 1},
		"length_penalty does nothing without num_beams":    {LengthPenalty: 2},
		"early_stopping does nothing without num_beams":    {EarlyStopping: generate.StopWhenFull},
		"early_stopping has no value 7":                    {Beams: 2, EarlyStopping: 7},
		"num_beams 62 is more than the vocabulary of 61":   {Beams: 62},
		"eos_token_id 61 is outside the vocabulary of 61":  {EOS: []int32{61}},
		"pad_token_id -1 is outside the vocabulary of 61":  {Pad: new(int32(-1))},
		"stop_strings must not be empty":                   {Stop: []string{""}},
		"trim_stop does nothing without stop_strings":      {TrimStop: true},
		"length_penalty must be finite, is NaN":            {Beams: 2, LengthPenalty: math.NaN()},
	} {
		_, err := generate.New(a, o)
		require.ErrorIs(t, err, generate.ErrOption, says)
		require.ErrorContains(t, err, says)
	}
}

func TestBadPrompts(t *testing.T) {
	a := tiny(t, "llama_lm") // 64 positions
	long := make([]int32, 65)
	for _, c := range []struct {
		says   string
		is     error
		prompt generate.Batch
		more   generate.Options
	}{
		{"there is none", generate.ErrPrompt, generate.Batch{}, generate.Options{}},
		{"row 1 is empty", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3}, {}}}, generate.Options{}},
		{"row 0 is empty", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3}}, Mask: [][]int32{{0}}}, generate.Options{}},
		{"row 0: id 61 at 1 is outside the vocabulary of 61", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3, 61}}}, generate.Options{}},
		{"row 0 has 2 ids, but 1 values of the mask", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3, 4}}, Mask: [][]int32{{1}}}, generate.Options{}},
		{"there are 1 rows of ids, but 2 of the mask", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3}}, Mask: [][]int32{{1}, {1}}}, generate.Options{}},
		{"row 0: the mask is 2 at 1", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3, 4}}, Mask: [][]int32{{1, 2}}}, generate.Options{}},
		{"row 0 ends in padding", generate.ErrPrompt, generate.Batch{IDs: [][]int32{{3, 4}}, Mask: [][]int32{{1, 0}}}, generate.Options{}},
		{"65 tokens are more than the 64 positions", generate.ErrPrompt, generate.Batch{IDs: [][]int32{long}}, generate.Options{}},
		{"max_new_tokens 64 behind a prompt of 2 are more than the 64 positions", generate.ErrOption, generate.Batch{IDs: [][]int32{{3, 4}}}, generate.Options{MaxNewTokens: 64}},
		{"max_length 2 leaves no room behind a prompt of 2", generate.ErrOption, generate.Batch{IDs: [][]int32{{3, 4}}}, generate.Options{MaxLength: 2}},
	} {
		g, err := generate.New(a, c.more)
		require.NoError(t, err)
		_, err = g.Generate(t.Context(), peft.Base(), c.prompt)
		require.ErrorIs(t, err, c.is, c.says)
		require.ErrorContains(t, err, c.says)
		for _, err := range g.Tokens(t.Context(), peft.Base(), c.prompt) {
			require.ErrorContains(t, err, c.says)
		}
	}

	// Positions are all there are, and no more: the last token is not read.
	g, err := generate.New(a, generate.Options{MaxNewTokens: 63, EOS: []int32{}})
	require.NoError(t, err)
	out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{3, 4}}})
	require.NoError(t, err)
	require.Len(t, out.Sequences[0], 65)
}

func TestNoPadToken(t *testing.T) {
	a := tiny(t, "gpt2_lm") // whose config has none
	g, err := generate.New(a, generate.Options{EOS: []int32{}})
	require.NoError(t, err)
	_, err = g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{3}, {3, 4}}})
	require.ErrorIs(t, err, generate.ErrPrompt)
	require.ErrorContains(t, err, "pad_token_id")
}

// Rows are padded with the first end token where no pad token is known, in front of a prompt and behind a row that ended.
func TestPadFallsBackToEOS(t *testing.T) {
	a := tiny(t, "gpt2_lm") // whose config has no pad token
	o := generate.Options{MaxNewTokens: 4, EOS: []int32{60, 59}}
	g, err := generate.New(a, o)
	require.NoError(t, err)
	rows := [][]int32{{30, 54, 58}, {7}}
	out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: rows})
	require.NoError(t, err)
	require.Equal(t, []int32{60, 60, 7}, out.Sequences[1][:3])
	for i, row := range rows {
		alone, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{row}})
		require.NoError(t, err)
		require.Equal(t, alone.New()[0], out.New()[i])
	}

	// The first row ends at once, by a token that the second does not write.
	first := out.New()[0][0]
	require.NotContains(t, out.New()[1], first)
	o.EOS = []int32{60, first}
	g, err = generate.New(a, o)
	require.NoError(t, err)
	out, err = g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: rows})
	require.NoError(t, err)
	require.Equal(t, []int32{first, 60, 60, 60}, out.New()[0])
}

// What is nil, or was not made by New, is an error everywhere.
func TestNothing(t *testing.T) {
	for _, a := range []*peft.Adapted{nil, {}} {
		_, err := generate.New(a, generate.Options{})
		require.ErrorIs(t, err, peft.ErrInput)
	}
	_, err := generate.FolderOptions(nil)
	require.ErrorIs(t, err, peft.ErrInput)
	made, err := generate.New(tiny(t, "llama_lm"), generate.Options{})
	require.NoError(t, err)
	for _, g := range []*generate.Generator{nil, {}, made} {
		ctx, batch := t.Context(), generate.Batch{IDs: [][]int32{{3}}}
		if g == made {
			ctx = nil
		} else {
			require.Zero(t, g.Options())
			for _, call := range []func() error{
				func() error { _, err := g.Encode("a"); return err },
				func() error { _, err := g.Decode(batch.IDs); return err },
				func() error { _, err := g.Pieces(); return err },
				func() error { _, err := g.Text(ctx, peft.Base(), "a"); return err },
			} {
				require.ErrorIs(t, call(), peft.ErrInput)
			}
			for _, err := range g.Stream(ctx, peft.Base(), "a") {
				require.ErrorIs(t, err, peft.ErrInput)
			}
		}
		_, err = g.Generate(ctx, peft.Base(), batch)
		require.ErrorIs(t, err, peft.ErrInput)
		for _, err := range g.Tokens(ctx, peft.Base(), batch) {
			require.ErrorIs(t, err, peft.ErrInput)
		}
	}
	require.Empty(t, new(generate.Pieces).Push(3)+new(generate.Pieces).Flush())
}

func TestNotForText(t *testing.T) {
	_, err := generate.New(tiny(t, "bert_seqcls"), generate.Options{})
	require.ErrorIs(t, err, generate.ErrModel)
	require.ErrorContains(t, err, "sequence-classification")

	g, err := generate.New(tiny(t, "llama_lm"), generate.Options{})
	require.NoError(t, err)
	_, err = g.Text(t.Context(), peft.Base(), "text")
	require.ErrorContains(t, err, "no tokenizer in")
	for _, err := range g.Stream(t.Context(), peft.Base(), "text") {
		require.ErrorContains(t, err, "no tokenizer in")
	}
}

func TestBeamsAreNotStreamed(t *testing.T) {
	g, err := generate.New(tiny(t, "llama_lm"), generate.Options{Beams: 2})
	require.NoError(t, err)
	for _, err := range g.Tokens(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{3}}}) {
		require.ErrorIs(t, err, generate.ErrOption)
	}
	_, err = g.GenerateEach(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{3}}}, func([]int32) error { return nil })
	require.ErrorIs(t, err, generate.ErrOption)
}

func TestUnknownAdapter(t *testing.T) {
	g, err := generate.New(tiny(t, "llama_lm"), generate.Options{})
	require.NoError(t, err)
	_, err = g.Generate(t.Context(), peft.Use("nobody"), generate.Batch{IDs: [][]int32{{3}}})
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// A context that ends in the middle ends the text there.
func TestCancel(t *testing.T) {
	g, err := generate.New(tiny(t, "llama_lm"), generate.Options{MaxNewTokens: 9, EOS: []int32{}})
	require.NoError(t, err)
	for _, beams := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		if !beams {
			_, err = g.GenerateEach(ctx, peft.Base(), generate.Batch{IDs: [][]int32{{3}}}, func([]int32) error {
				if steps++; steps == 3 {
					cancel()
				}
				return nil
			})
			require.Equal(t, 3, steps)
		} else {
			cancel()
			o := g.Options()
			o.Beams = 2
			wide, bad := generate.New(tiny(t, "llama_lm"), o)
			require.NoError(t, bad)
			_, err = wide.Generate(ctx, peft.Base(), generate.Batch{IDs: [][]int32{{3}}})
		}
		require.ErrorIs(t, err, context.Canceled)
		cancel()
	}
}
