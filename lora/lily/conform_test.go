package lily_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/lily"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law. On the tiny network, with rank 2 and 3 B, two targets of one size and name share 3 times 2 times
// 8 values, and each has 2 times 8 of A and 3 times 2 of its router.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `, "target_modules": ["query", "value"]`, 2*(48+16) + 2*6},
		{"one group, two to an A", `, "target_modules": ".*(query|key|value)", "stride_A": 2`, 48 + 2*16 + 3*6},
		{"random", `, "target_modules": ".*(query|value)", "init_weights": false, "scaling": 2.5`, 48 + 2*16 + 2*6},
		{"by row", `, "target_modules": ["query", "intermediate.dense"], "gopeft_route_by_row": true`, 2*16 + 6*8 + 6*12 + 2*6},
	} {
		c := pefttest.Case{
			Name: "LILY, " + v.name, Trainable: v.trainable, JSON: fmt.Sprintf(`{"peft_type": "LILY", "r": 2, "num_B": 3%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"num_B": 1}`, Field: "num_B"},
				{Change: `{"stride_A": -1}`, Field: "stride_A"},
				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
				{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// D11: by HF PEFT's rule what a text gets depends on the texts beside it; with RouteByRow it does not, nor on padding.
func TestD11RouteByRow(t *testing.T) {
	for _, byRow := range []bool{false, true} {
		b, err := pefttest.Tiny()
		require.NoError(t, err)
		off := false
		a, err := peft.Attach(b, "a", &lily.Config{R: 4, Scaling: 3, Targets: peft.Match("query", "intermediate.dense"), InitWeights: &off, RouteByRow: &byRow})
		require.NoError(t, err)
		alone := logits(t, a, [][]int32{{1, 2, 3}}, [][]int32{{1, 1, 1}})
		beside := logits(t, a, [][]int32{{1, 2, 3, 0}, {7, 8, 9, 10}}, [][]int32{{1, 1, 1, 0}, {1, 1, 1, 1}})[:len(alone)]
		if byRow {
			require.InDeltaSlice(t, alone, beside, 1e-6)
			continue
		}
		require.Greater(t, math.Abs(float64(alone[0]-beside[0])), 1e-4)
	}
}

func logits(t *testing.T, a *peft.Adapted, ids, mask [][]int32) []float32 {
	out, err := a.Forward(t.Context(), a.All(), peft.Tensors{"input_ids": tensors.FromValue(ids), "attention_mask": tensors.FromValue(mask)})
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](out["logits"])
	require.NoError(t, err)
	return flat
}

// D10: what targets share stands once in the file; HF PEFT's copies are passed over, other keys are not.
func TestD10SharedOnce(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lily.Config{R: 2, StrideA: 2, Targets: peft.MatchRegexp(".*(query|key|value)")})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := dir + "/" + peft.WeightsFile
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	require.Len(t, file, 1+2+3)

	const self = "base_model.model.bert.encoder.layer.0.attention.self."
	file[self+"query.lily_B.weight"], file[self+"query.lily_A.weight"] = file[self+"value.lily_B.weight"], file[self+"key.lily_A.weight"]
	require.NoError(t, peft.WriteTensors(path, file))
	_, err = peft.Load(b, dir)
	require.NoError(t, err)

	file["base_model.model.bert.encoder.layer.0.output.dense.lily_B.weight"] = file[self+"query.lily_B.weight"]
	require.NoError(t, peft.WriteTensors(path, file))
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "output.dense.lily_B.weight")
}
