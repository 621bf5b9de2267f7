package models_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// probe is a method that undoes every sub-layer of a pre-norm model by what it is told of it.
type probe struct {
	peft.Common
}

func init() { seam.Register(seam.Spec{New: func() peft.Config { return new(probe) }}) }

func (*probe) PEFTType() string               { return "PROBE" }
func (p *probe) Method() (seam.Method, error) { return p, nil }
func (*probe) GraphKey() string               { return "" }

func (*probe) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan := &seam.Plan{}
	for _, s := range b.OfKind(seam.Sublayer) {
		plan.Sites = append(plan.Sites, s.Path)
	}
	return plan, nil
}

// Sublayer gives what makes the sum with the residual the sub-layer's normed input.
func (*probe) Sublayer(_ *seam.At, io seam.SublayerIO, _ *seam.Node) *seam.Node {
	if io.Norm != nil {
		panic("a pre-norm model's sum is not normed")
	}
	return graph.Sub(io.X, io.Residual)
}

// Adapters at a ViT's sub-layers see the normed input, the residual and no norm to come: with each sum replaced by the
// normed input, the model is its embeddings normed over and over, which with fresh norms is the same for any number of blocks.
func TestSublayersOfPreNorm(t *testing.T) {
	on := engine(t)
	b, err := models.Random(smallConfig("vit", "ViTModel", `,"num_hidden_layers":1`), on)
	require.NoError(t, err)
	other, err := models.Random(smallConfig("vit", "ViTModel", `,"num_hidden_layers":3`), on)
	require.NoError(t, err)
	state := func(b *peft.Backbone) *peft.Tensor {
		a, err := peft.Attach(b, "probe", new(probe))
		require.NoError(t, err)
		out, err := a.Forward(context.Background(), a.All(), argument("vit"))
		require.NoError(t, err)
		return out["last_hidden_state"]
	}
	one, three := state(b), state(other)
	require.True(t, one.InDelta(three, 1e-5), "blocks that only norm are one block")
	bare, err := b.Forward(context.Background(), argument("vit"))
	require.NoError(t, err)
	require.False(t, bare["last_hidden_state"].InDelta(one, 1e-3))
}

// ViT has no place for virtual tokens, so a prompt is refused instead of left out.
func TestPromptOnViT(t *testing.T) {
	b, err := models.Random(smallConfig("vit", "ViTForImageClassification", ""), engine(t))
	require.NoError(t, err)
	_, err = peft.Attach(b, "prompt", &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "virtual tokens")
}
