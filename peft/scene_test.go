package peft_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// scene is a backbone of two layers with inputs of three rows.
type scene struct {
	*testing.T
	*peft.Adapted
	b  *peft.Backbone
	in peft.Tensors // with labels
	x  peft.Tensors // without
}

func newScene(t *testing.T) *scene {
	f := golden.Committed(t)
	base, err := f.Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	s := &scene{T: t, Adapted: peft.New(base.Backbone), b: base.Backbone, in: base.In, x: peft.Tensors{}}
	for name, v := range base.In {
		if name != "labels" {
			s.x[name] = v
		}
	}
	return s
}

// attach adds an adapter whose values are all away from where they start.
func (s *scene) attach(name string, cfg peft.Config) *peft.Adapter {
	s.Helper()
	require.NoError(s, s.Attach(name, cfg))
	ad, err := s.Adapter(name)
	require.NoError(s, err)
	require.NoError(s, ad.Set(ad.Config(), shaken(ad, name)))
	return ad
}

// shaken moves an adapter's values by normal noise that depends on the purpose.
func shaken(ad *peft.Adapter, purpose string) peft.Tensors {
	out := peft.Tensors{}
	for key, v := range ad.Values() {
		rnd := seeded.Rand(1, purpose+key)
		flat := tensors.MustCopyFlatData[float32](v)
		for i := range flat {
			flat[i] += float32(rnd.NormFloat64() * 0.2)
		}
		out[key] = tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)
	}
	return out
}

// logits runs forward without labels and gives the logits row by row.
func (s *scene) logits(sel peft.Selection) [][]float32 {
	s.Helper()
	out, err := s.Forward(s.Context(), sel, s.x)
	require.NoError(s, err, sel)
	return rowsOf(out["logits"])
}

func rowsOf(t *peft.Tensor) [][]float32 {
	flat, n := tensors.MustCopyFlatData[float32](t), t.Shape().Dimensions[0]
	out := make([][]float32, n)
	for i := range out {
		out[i] = flat[i*len(flat)/n : (i+1)*len(flat)/n]
	}
	return out
}

// slack is how far a row may be from a run of its own: nothing in plain pure Go, which computes each number in one order
// whatever stands around it. Vector kernels take the last rows and columns otherwise than the rest.
func (s *scene) slack() float64 {
	if e := s.b.Engine(); e.SpeedHint() != "" {
		return 0
	}
	return 1e-6
}

// inOrder is how far two sums of the same terms in other orders may be apart: 16 roundings of a logit below 1.
const inOrder = 2e-6

// near wants rows to agree.
func (s *scene) near(want, got [][]float32, delta float64, what any) {
	s.Helper()
	require.Equal(s, len(want), len(got), what)
	for i := range want {
		require.InDeltaSlice(s, want[i], got[i], delta, what)
	}
}

func small(r int, alpha float64, targets ...string) *lora.Config {
	return &lora.Config{R: r, Alpha: alpha, Targets: peft.Match(targets...)}
}

// withHead lets a config train and save the classifier.
func withHead(c *lora.Config) *lora.Config {
	c.ModulesToSave = []string{"classifier"}
	return c
}
