package peft_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// TestAverageIsOneWideLoRA holds average(a:0.3,b:0.7) of two LoRAs to the formula: weights apply to what each adds,
// W + 0.3 s_a B_a A_a + 0.7 s_b B_b A_b, which one LoRA of the joined factors computes as well.
func TestAverageIsOneWideLoRA(t *testing.T) {
	s := newScene(t)
	a, b := s.attach("a", small(4, 8, "query", "dense")), s.attach("b", small(3, 9, "query", "dense"))
	s.joined("joined", a, b, 4, 3, 0.3*2, 0.7*3)
	sel, err := peft.ParseSelection("average(a:0.3,b:0.7)")
	require.NoError(t, err)
	s.near(s.logits(peft.Use("joined")), s.logits(sel), inOrder, "average")
	require.NotEqual(t, s.logits(peft.Use("a")), s.logits(sel))

	s.joined("sum", a, b, 4, 3, 2, 3)
	s.near(s.logits(peft.Use("sum")), s.logits(peft.Use("a", "b")), inOrder, "stack")
	s.near(s.logits(peft.Use("b", "a")), s.logits(peft.Use("a", "b")), inOrder, "updates add up in any order")

	s.joined("nested", a, b, 4, 3, 2, 0.5*3)
	sel, err = peft.ParseSelection("stack(a,average(b:0.5))")
	require.NoError(t, err)
	s.near(s.logits(peft.Use("nested")), s.logits(sel), inOrder, "a weighs 1, whatever the average inside sums to")
}

// TestAverageBesideOthers: where the parts of an average leave a site alone, what stands around it acts there whole.
func TestAverageBesideOthers(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query"))
	b := s.attach("b", small(3, 9, "dense"))
	half := s.attach("half", small(3, 9, "dense"))
	values := b.Values()
	for key, v := range values {
		if strings.HasSuffix(key, "lora_B.weight") {
			flat := tensors.MustCopyFlatData[float32](v)
			for i := range flat {
				flat[i] /= 2
			}
			values[key] = tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)
		}
	}
	require.NoError(t, half.Set(half.Config(), values))
	for _, composition := range []string{"stack(a,average(b:0.5))", "average(stack(a,b):0.25,stack(a,b):0.25,a:0.5)"} {
		sel, err := peft.ParseSelection(composition)
		require.NoError(t, err)
		s.near(s.logits(peft.Use("a", "half")), s.logits(sel), inOrder, composition)
	}
}

// joined attaches the LoRA whose update is u B_a A_a + v B_b A_b.
func (s *scene) joined(name string, a, b *peft.Adapter, ra, rb int, u, v float32) {
	s.Helper()
	r := ra + rb
	ad := s.attach(name, small(r, float64(r), "query", "dense"))
	values := peft.Tensors{}
	for _, site := range ad.Sites() {
		keyA, keyB := "base_model.model."+site+".lora_A.weight", "base_model.model."+site+".lora_B.weight"
		values[keyA] = tensors.FromFlatDataAndDimensions(append(s.flat(a, keyA), s.flat(b, keyA)...), r, s.dim(a, keyA, 1))
		upA, upB := s.flat(a, keyB), s.flat(b, keyB)
		out := s.dim(a, keyB, 0)
		var up []float32
		for i := range out {
			for k := range ra {
				up = append(up, u*upA[i*ra+k])
			}
			for k := range rb {
				up = append(up, v*upB[i*rb+k])
			}
		}
		values[keyB] = tensors.FromFlatDataAndDimensions(up, out, r)
	}
	require.NoError(s, ad.Set(ad.Config(), values))
}

func (s *scene) flat(ad *peft.Adapter, key string) []float32 {
	s.Helper()
	v, err := ad.Value(key)
	require.NoError(s, err)
	return tensors.MustCopyFlatData[float32](v)
}

func (s *scene) dim(ad *peft.Adapter, key string, axis int) int {
	s.Helper()
	v, err := ad.Value(key)
	require.NoError(s, err)
	return v.Shape().Dimensions[axis]
}

// TestHeadsTogether: an average weighs two heads like any other values, a stack can't choose between them.
func TestHeadsTogether(t *testing.T) {
	s := newScene(t)
	a := s.attach("a", withHead(small(4, 8, "query")))
	b := s.attach("b", withHead(small(4, 8, "value")))
	_, err := s.Forward(t.Context(), peft.Use("a", "b"), s.x)
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorContains(t, err, "bring their own classifier.bias")

	same := peft.Tensors{}
	for _, key := range []string{"base_model.model.classifier.weight", "base_model.model.classifier.bias"} {
		v, err := a.Value(key)
		require.NoError(t, err)
		same[key], err = v.LocalClone()
		require.NoError(t, err)
	}
	require.NoError(t, b.Set(b.Config(), same))
	_, err = s.Forward(t.Context(), peft.Use("a", "b"), s.x)
	require.NoError(t, err, "equal heads agree")
}

func TestCompositionsRefused(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query"))
	for _, c := range []struct {
		sel  peft.Selection
		says string
	}{
		{peft.Use("x"), `there is no "x": there are a`},
		{peft.Use("a", "a"), `"a" stands twice`},
		{peft.Stack(peft.Use("a"), peft.Average([]float64{1}, peft.Use("a"))), `"a" stands twice`},
		{peft.Average([]float64{1}, peft.Use("a"), peft.Base()), "2 parts and 1 weights"},
		{peft.Average(nil), "0 parts and 0 weights"},
		{peft.Average([]float64{math.NaN()}, peft.Use("a")), "part 1 by NaN"},
	} {
		_, err := s.Forward(t.Context(), c.sel, s.x)
		require.ErrorIs(t, err, peft.ErrAdapter, c.sel)
		require.ErrorContains(t, err, c.says)
	}
}

func TestNames(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query"))
	require.ErrorContains(t, s.Attach("a", small(4, 8, "query")), `the name "a" is taken`)
	for _, bad := range []string{"", "a/b", `a\b`, "a,b", "a:b", "f(a)"} {
		require.ErrorIs(t, s.Attach(bad, small(4, 8, "query")), peft.ErrAdapter, bad)
	}
	require.ErrorIs(t, s.Delete("x"), peft.ErrAdapter)
	require.NoError(t, s.Delete("a"))
	require.Empty(t, s.Names())
	_, err := s.Forward(t.Context(), peft.Use("a"), s.x)
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// A batch mixed by rows would give one gradient a row, which belongs to no adapter.
func TestRowsHaveNoGradients(t *testing.T) {
	a := peft.New(sample())
	require.NoError(t, a.Attach("a", &lora.Config{R: 2}))
	_, _, err := a.Gradients(context.Background(), peft.Rows("a", ""), tokens())
	require.ErrorIs(t, err, peft.ErrUnsupported)
}

func TestAdapterNames(t *testing.T) {
	a := peft.New(sample())
	for _, name := range []string{"", " a", "a ", "a/b", `a\b`, "a,b", "a(b", "a:b"} {
		require.ErrorIs(t, a.Attach(name, &lora.Config{R: 2}), peft.ErrAdapter, "%q", name)
	}
	require.NoError(t, a.Attach("help desk", &lora.Config{R: 2}))
}
