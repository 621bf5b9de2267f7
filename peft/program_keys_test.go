package peft_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// A user's program has its own space of keys, and another Build under one key is noticed.
func TestProgramKeys(t *testing.T) {
	a := peft.New(classifier(t))
	own := peft.Program{Key: "forward", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{graph.AddScalar(c.Forward(in)["logits"], 1)}
	}}
	in := tokens()
	for range 2 {
		plain, err := a.Forward(t.Context(), peft.Base(), in)
		require.NoError(t, err)
		require.Contains(t, plain, "logits")
		out, err := a.Run(t.Context(), own, peft.Base(), in, nil, nil)
		require.NoError(t, err)
		x, y := tensors.MustCopyFlatData[float32](plain["logits"]), tensors.MustCopyFlatData[float32](out[0])
		require.InDelta(t, x[0]+1, y[0], 1e-6)
	}
	other := peft.Program{Key: "forward", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}}
	_, err := a.Run(t.Context(), other, peft.Base(), in, nil, nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "Program.Key")
	require.ErrorContains(t, err, "program_keys_test.go")
}
