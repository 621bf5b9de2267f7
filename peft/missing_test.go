package peft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Errors that once came out garbled say what is missing.
func TestMissing(t *testing.T) {
	b := classifier(t)
	a := peft.New(b)
	//lint:ignore SA1012 that it is nil is the point
	_, err := a.Forward(nil, peft.Base(), tokens()) //nolint:staticcheck
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "ctx: is nil")
	_, err = a.Forward(t.Context(), peft.Base(), nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "input_ids")
	_, err = a.Forward(t.Context(), peft.Base(), peft.Tensors{"input_ids": nil})
	require.ErrorContains(t, err, "input_ids: is nil")

	forward := func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}
	_, err = a.Run(t.Context(), peft.Program{Key: "none", Build: forward}, peft.Base(), nil, nil, nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "a forward pass needs the model's arguments")
	_, err = a.Run(t.Context(), peft.Program{Key: "train", Training: true, Build: forward}, peft.Base(), tokens(), nil, nil)
	require.ErrorContains(t, err, "random state")
	_, err = a.Run(t.Context(), peft.Program{Key: "nothing"}, peft.Base(), tokens(), nil, nil)
	require.ErrorContains(t, err, "Program.Build: is missing")

	_, err = a.Adapter("x")
	require.EqualError(t, err, `adapter: there is no "x", nor any other one`)
	_, err = a.Merge(t.Context(), peft.Rows("a", "b"))
	require.ErrorIs(t, err, peft.ErrMerge)

	for _, nobody := range []*peft.Backbone{nil, new(peft.Backbone)} {
		_, err = nobody.Forward(t.Context(), tokens())
		require.ErrorIs(t, err, peft.ErrInput)
		_, err = peft.Attach(nobody, "a", &lora.Config{})
		require.ErrorContains(t, err, "there is no backbone")
		_, err = peft.Load(nobody, t.TempDir())
		require.ErrorContains(t, err, "there is no backbone")
		require.ErrorContains(t, nobody.Save(t.TempDir()), "there is no backbone")
	}
	_, err = (*peft.Adapted)(nil).Forward(t.Context(), peft.Base(), tokens())
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = peft.Attach(b, "a", nil)
	require.ErrorIs(t, err, peft.ErrConfig)
	_, err = peft.NewBackbone(nil, nil, b.Engine(), seam.Origin{})
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = peft.NewBackbone(nil, nil, new(peft.Engine), seam.Origin{})
	require.ErrorIs(t, err, peft.ErrInput)
}
