package peft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// Writing text compiles a program for the prompt and one for all steps behind it; other texts of like length, and other
// adapters of equal shape, run the same.
func TestDecodingCompilesTwice(t *testing.T) {
	f := golden.Committed(t)
	base, err := f.Base(golden.OpenEngine(t), "llama_lm")
	require.NoError(t, err)
	a := peft.New(base.Backbone)
	for _, name := range []string{"a", "b"} {
		_, err := a.LoadAs(name, f.CaseDir("llama_lm", "lora"))
		require.NoError(t, err)
	}
	write := func(sel peft.Selection, newTokens int, ids ...int32) {
		g, err := generate.New(a, generate.Options{MaxNewTokens: newTokens, EOS: []int32{}})
		require.NoError(t, err)
		_, err = g.Generate(t.Context(), sel, generate.Batch{IDs: [][]int32{ids}})
		require.NoError(t, err)
	}
	before := peft.Built(base.Backbone)
	write(peft.Use("a"), 20, 3, 4, 5)
	require.Equal(t, before+2, peft.Built(base.Backbone))
	write(peft.Use("b"), 25, 9, 8, 7, 6, 5)
	write(peft.Use("a"), 5, 1)
	require.Equal(t, before+2, peft.Built(base.Backbone))
	write(peft.Use("a"), 45, 1) // more room
	require.Equal(t, before+4, peft.Built(base.Backbone))
}
