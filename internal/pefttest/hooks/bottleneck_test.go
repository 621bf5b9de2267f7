package hooks_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// TestBottleneck holds the sub-layer hook to AdapterHub, on blocks with the norm behind and in front. peft.Load does not
// read its layout, so this test does.
func TestBottleneck(t *testing.T) {
	f, e := golden.OpenFixtures(t), golden.OpenEngine(t)
	for name, heads := range map[string][]string{
		"bert_seqcls": {"classifier"}, // which trains beside the adapter there
		"gpt2_lm":     nil,
		"llama_lm":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			base, err := f.Base(e, name)
			require.NoError(t, err)
			run, err := f.Run(base, "ah-seq_bn")
			require.NoError(t, err)
			run.Load = func(...peft.Option) (*peft.Adapted, error) {
				a := peft.New(base.Backbone)
				return a, addAdapterHub(a, run.Case.Dir, heads...)
			}

			ctx := t.Context()
			require.NoError(t, run.Outputs(ctx))
			require.NoError(t, run.Gradients(ctx))
			require.NoError(t, run.Counts())
			require.NoError(t, run.Training(ctx, t.TempDir()))

			a, err := run.Load()
			require.NoError(t, err)
			_, err = a.Merge(ctx, a.All())
			require.ErrorIs(t, err, peft.ErrMerge)
		})
	}
}

// TestBottlenecksTogether holds compositions to AdapterHub's. Its average divides by the number of adapters once more,
// which the golden file undoes.
func TestBottlenecksTogether(t *testing.T) {
	f := golden.OpenFixtures(t)
	base, err := f.Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	for name, composition := range map[string]string{"ah-stack": "stack(a,b)", "ah-average": "average(a:0.3,b:0.7)"} {
		t.Run(name, func(t *testing.T) {
			c, err := f.Case("bert_seqcls", name)
			require.NoError(t, err)
			a := peft.New(base.Backbone)
			require.NoError(t, addAdapterHub(a, filepath.Join(c.Dir, "a")))
			require.NoError(t, addAdapterHub(a, filepath.Join(c.Dir, "b")))
			sel, err := peft.ParseSelection(composition)
			require.NoError(t, err)

			out, grads, err := a.Gradients(t.Context(), sel, base.In)
			require.NoError(t, err)
			tol := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
			require.NoError(t, tol.NearAll("outputs", golden.Under(c.Golden, "out."), out))
			params, err := a.Trainable(sel)
			require.NoError(t, err)
			got := peft.Tensors{}
			for i, p := range params {
				got[p.FileKey()] = grads[i]
			}
			want := golden.Under(c.Golden, "grad.")
			for _, head := range []string{"classifier.weight", "classifier.bias"} { // trains there beside both
				require.Contains(t, want, head)
				delete(want, head)
			}
			require.Len(t, got, len(want))
			require.NoError(t, tol.NearAll("gradient", want, got))
		})
	}
}
