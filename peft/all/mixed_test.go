package all_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// query is the module that all methods act on here.
const query = "bert.encoder.layer.0.attention.self.query"

// onWhole are the methods that turn or scale the map as they find it, what other adapters added included. All others add a
// change of the frozen weight, wherever they stand.
var onWhole = []string{"BOFT", "HRA", "IA3", "OFT", "ROAD"}

// mixed has every method that merges at the query, each stirred, on one tiny backbone, and beside each a second of its type.
type mixed struct {
	*peft.Adapted
	names []string
}

func newMixed(t *testing.T) *mixed {
	t.Helper()
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	m := &mixed{Adapted: peft.New(b)}
	for name, cfg := range seam.Types() {
		plain, err := configOf(name, "")
		require.NoError(t, err)
		method, err := plain.Method()
		require.NoError(t, err, name)
		if !seam.CanMerge(method) || !hasTargets(t, cfg) {
			continue
		}
		for _, as := range []string{name, "2 " + name} {
			require.NoError(t, attachOn(t, m.Adapted, as, name, "query"), name)
			stir(t, m.Adapted, as, 0.3)
		}
		m.names = append(m.names, name)
	}
	return m
}

// merged gives the query's weight and bias with adapters folded in.
func (m *mixed) merged(t *testing.T, names ...string) []float64 {
	t.Helper()
	b, err := m.Merge(t.Context(), peft.Use(names...))
	require.NoError(t, err, names)
	return valuesAt(t, b)
}

func valuesAt(t *testing.T, b *peft.Backbone) []float64 {
	t.Helper()
	var out []float64
	for _, path := range []string{query + ".weight", query + ".bias"} {
		for at, v := range b.Values() {
			if at != path {
				continue
			}
			flat, err := tensors.CopyFlatData[float32](v)
			require.NoError(t, err)
			for _, x := range flat {
				out = append(out, float64(x))
			}
		}
	}
	return out
}

// apart is the largest difference.
func apart(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		worst = math.Max(worst, math.Abs(a[i]-b[i]))
	}
	return worst
}

// The change of adapters that act at once, whatever their order, is the sum of the changes of each, on the frozen weight: of two
// types as of two adapters of one (D6).
func TestD6MixedAddsUp(t *testing.T) {
	m := newMixed(t)
	frozen, alone := m.merged(t), map[string][]float64{}
	for _, name := range m.names {
		alone[name], alone["2 "+name] = m.merged(t, name), m.merged(t, "2 "+name)
		require.Greater(t, apart(frozen, alone[name]), 1e-4, name)
	}
	adds := slices.DeleteFunc(slices.Clone(m.names), func(name string) bool { return slices.Contains(onWhole, name) })
	for i, a := range adds {
		for _, b := range adds[i:] {
			if a == b {
				b = "2 " + a
			}
			sum := slices.Clone(frozen)
			for j := range sum {
				sum[j] += alone[a][j] - frozen[j] + alone[b][j] - frozen[j]
			}
			for _, order := range [][]string{{a, b}, {b, a}} {
				require.Less(t, apart(sum, m.merged(t, order...)), 1e-5, order)
			}
		}
	}
}

// A method that turns or scales the map does so with what stands before it: as on a backbone into which that was merged.
func TestMixedOnWhole(t *testing.T) {
	m := newMixed(t)
	first, err := m.Merge(t.Context(), peft.Use("LORA"))
	require.NoError(t, err)
	for _, name := range onWhole {
		ad, err := m.Adapter(name)
		require.NoError(t, err)
		after := peft.New(first)
		require.NoError(t, attachOn(t, after, name, name, "query"))
		same, err := after.Adapter(name)
		require.NoError(t, err)
		require.NoError(t, same.Set(same.Config(), ad.Values()))
		second, err := after.Merge(t.Context(), peft.Use(name))
		require.NoError(t, err)
		require.Less(t, apart(valuesAt(t, second), m.merged(t, "LORA", name)), 1e-5, name)
		require.Greater(t, apart(m.merged(t, name, "LORA"), m.merged(t, "LORA", name)), 1e-3, name)
		// Unmerging gives the original again, to the bit.
		require.Zero(t, apart(m.merged(t), valuesAt(t, second.Unmerge())))
	}
}

// Neighbours of the list, three types at once: a merged backbone computes what the call does, and rows of a batch that have
// one each, or none, what each gives alone.
func TestMixedCalls(t *testing.T) {
	m := newMixed(t)
	run := func(what string, sel peft.Selection) [][]float32 {
		out, err := m.Forward(t.Context(), sel, batch())
		require.NoError(t, err, what)
		return rowsOf(t, out["logits"])
	}
	near := func(want, got []float32, what any) {
		require.InDeltaSlice(t, want, got, 2e-5*max(1, largest(want)), what)
	}
	for i := 0; i+2 < len(m.names); i += 2 {
		three := m.names[i : i+3]
		b, err := m.Merge(t.Context(), peft.Use(three...))
		require.NoError(t, err, three)
		out, err := b.Forward(t.Context(), batch())
		require.NoError(t, err)
		want := run("all", peft.Use(three...))
		for j, row := range rowsOf(t, out["logits"]) {
			near(want[j], row, three)
		}
		rows := []string{three[2], "", three[0], three[1]}
		for j, row := range run("rows", peft.Rows(rows...).Among(three...)) {
			alone := peft.Base()
			if rows[j] != "" {
				alone = peft.Use(rows[j])
			}
			near(run(rows[j], alone)[j], row, rows[j])
		}
	}
}

// Two adapters of which each can be merged, and whose sum is beyond float32: refused by the weight's name.
func TestMergedIsFinite(t *testing.T) {
	m := newMixed(t)
	for _, name := range []string{"LORA", "2 LORA"} {
		ad, err := m.Adapter(name)
		require.NoError(t, err)
		huge := peft.Tensors{}
		for key, v := range ad.Values() {
			flat := make([]float32, v.Size())
			for i := range flat {
				flat[i] = 5e18
			}
			huge[key] = tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)
		}
		require.NoError(t, ad.Set(ad.Config(), huge))
		_, err = m.Merge(t.Context(), peft.Use(name))
		require.NoError(t, err)
	}
	_, err := m.Merge(t.Context(), peft.Use("LORA", "2 LORA"))
	require.ErrorIs(t, err, peft.ErrMerge)
	require.ErrorContains(t, err, query+".weight would hold +Inf")
}

func rowsOf(t *testing.T, v *peft.Tensor) [][]float32 {
	t.Helper()
	flat, err := tensors.CopyFlatData[float32](v)
	require.NoError(t, err)
	return slices.Collect(slices.Chunk(flat, v.Shape().Dimensions[1]))
}

func largest(row []float32) float64 {
	worst := 0.0
	for _, v := range row {
		worst = math.Max(worst, math.Abs(float64(v)))
	}
	return worst
}
