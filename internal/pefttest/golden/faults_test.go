package golden_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// TestLawsNotice plants one fault at a time, each a little over the tolerance, and wants the law it is aimed at to name
// it, whether the laws have programs of their own or share one.
func TestLawsNotice(t *testing.T) {
	const query = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight"
	f := golden.Committed(t)
	e := golden.OpenEngine(t)
	base, err := f.Base(e, "bert_seqcls")
	require.NoError(t, err)
	nudge := func(key string) func(*testing.T, *golden.Case) {
		return func(t *testing.T, c *golden.Case) { c.Golden[key] = nudged(t, c.Golden[key], 1e-4) }
	}
	outputs := func(r *golden.Run, ctx context.Context, _ string) error { return r.Outputs(ctx) }
	gradients := func(r *golden.Run, ctx context.Context, _ string) error { return r.Gradients(ctx) }
	counts := func(r *golden.Run, _ context.Context, _ string) error { return r.Counts() }
	file := func(r *golden.Run, _ context.Context, dir string) error { return r.File(dir) }
	for _, fault := range []struct {
		name  string
		law   func(*golden.Run, context.Context, string) error
		plant func(*testing.T, *golden.Case)
		says  string
	}{
		{"output off", outputs, nudge("out.logits"), "outputs: logits[0]"},
		{"output missing", outputs, func(_ *testing.T, c *golden.Case) { c.Golden["out.pooled"] = c.Golden["out.loss"] }, "pooled is missing"},
		{"output as loaded", outputs, func(t *testing.T, c *golden.Case) { c.Golden["loaded.loss"] = nudged(t, c.Golden["out.loss"], 1e-4) }, "as loaded: loss"},
		{"gradient off", gradients, nudge("grad." + query), query + "[0]"},
		{"gradient too many", gradients, func(_ *testing.T, c *golden.Case) { delete(c.Golden, "grad."+query) }, query + " trains here"},
		{"gradient missing", gradients, func(_ *testing.T, c *golden.Case) { c.Golden["grad.gone"] = c.Golden["grad."+query] }, "gone is missing"},
		{"trainable", counts, func(_ *testing.T, c *golden.Case) { c.Trainable++ }, "parameters train"},
		{"total", counts, func(_ *testing.T, c *golden.Case) { c.Total-- }, "parameters in all"},
		{"merged", (*golden.Run).Merge, nudge("out.logits"), "merged: logits"},
		{"losses", (*golden.Run).Training, func(t *testing.T, c *golden.Case) {
			c.Golden["train.losses"] = nudged(t, c.Golden["train.losses"], 2e-3)
		}, "loss of step 1"},
		{"trained value", (*golden.Run).Training, nudge("train.param." + query), "trained: " + query},
		{"final output", (*golden.Run).Training, nudge("train.final.logits"), "after training: logits"},
		{"slower", (*golden.Run).Training, func(_ *testing.T, c *golden.Case) { c.Optimizer.LR /= 1.01 }, "trained"},
		{"decay", (*golden.Run).Training, func(_ *testing.T, c *golden.Case) { c.Optimizer.Decay *= 2 }, "trained"},
		{"tensor bits", file, func(t *testing.T, c *golden.Case) { rewrite(t, c, 1e-7) }, "saved tensors: " + query},
		{"config value", file, func(t *testing.T, c *golden.Case) { reword(t, c, `"revision": null`, `"revision": "x"`) }, "revision is"},
		{"config key", file, func(t *testing.T, c *golden.Case) { reword(t, c, `"revision": null`, `"revisions": null`) }, "revision = <nil> is too many"},
		{"config list", file, func(t *testing.T, c *golden.Case) { reword(t, c, `"score"`, `"scores"`) }, "modules_to_save"},
	} {
		for _, shared := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, shared %v", fault.name, shared), func(t *testing.T) {
				run, err := f.Run(base, "lora")
				require.NoError(t, err)
				run.Shared = shared
				require.NoError(t, fault.law(run, t.Context(), t.TempDir()), "before the fault")
				fault.plant(t, run.Case)
				require.ErrorContains(t, fault.law(run, t.Context(), t.TempDir()), fault.says)
			})
		}
	}
}

// nudged adds to the first element.
func nudged(t *testing.T, x *peft.Tensor, by float32) *peft.Tensor {
	flat, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	flat[0] += by
	return tensors.FromFlatDataAndDimensions(flat, x.Shape().Dimensions...)
}

// rewrite lets the case's folder hold slightly other tensors than the adapter is loaded from.
func rewrite(t *testing.T, c *golden.Case, by float32) {
	values, err := golden.ReadTensors(filepath.Join(c.Dir, peft.WeightsFile))
	require.NoError(t, err)
	for key, x := range values {
		values[key] = nudged(t, x, by)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, peft.WeightsFile), encode(t, values))
	copyFile(t, filepath.Join(c.Dir, peft.ConfigFile), filepath.Join(dir, peft.ConfigFile))
	c.Dir = dir
}

// reword lets the case's folder hold another config than the adapter is loaded from.
func reword(t *testing.T, c *golden.Case, old, now string) {
	raw, err := os.ReadFile(filepath.Join(c.Dir, peft.ConfigFile))
	require.NoError(t, err)
	require.Contains(t, string(raw), old)
	dir := t.TempDir()
	write(t, filepath.Join(dir, peft.ConfigFile), replaceOnce(raw, old, now))
	copyFile(t, filepath.Join(c.Dir, peft.WeightsFile), filepath.Join(dir, peft.WeightsFile))
	c.Dir = dir
}
