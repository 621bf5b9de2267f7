package lora_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// dataStarts is what HF PEFT makes of data: see internal/testdata/gen/lora_data_starts.py.
type dataStarts struct {
	base *golden.Base
	all  peft.Tensors
}

func openDataStarts(t *testing.T) *dataStarts {
	t.Helper()
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	all, err := golden.ReadTensors("testdata/data_starts.safetensors")
	require.NoError(t, err)
	return &dataStarts{base, all}
}

// batches gives those of some numbers.
func (d *dataStarts) batches(of ...int) iter.Seq2[peft.Tensors, error] {
	return func(yield func(peft.Tensors, error) bool) {
		for _, i := range of {
			if !yield(golden.Under(d.all, fmt.Sprintf("batch.%d.", i)), nil) {
				return
			}
		}
	}
}

// config is that of the script.
func dataConfig(init lora.Start) *lora.Config {
	return &lora.Config{R: 4, Alpha: 8, Targets: peft.Match("query", "output.dense"), Common: peft.Common{TaskType: "SEQ_CLS"}, Init: init}
}

func (d *dataStarts) attach(t *testing.T, cfg *lora.Config, batches iter.Seq2[peft.Tensors, error]) *peft.Adapted {
	t.Helper()
	a, err := peft.Attach(d.base.Backbone, "a", cfg, peft.Calibrate(t.Context(), batches))
	require.NoError(t, err)
	return a
}

// logits of the golden input.
func (d *dataStarts) logits(t *testing.T, a *peft.Adapted, sel peft.Selection) []float32 {
	t.Helper()
	out, err := a.Forward(t.Context(), sel, d.base.In)
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](out["logits"])
}

// vectors gives a matrix's columns, or rows.
func vectors(t *testing.T, m *peft.Tensor, columns bool) [][]float64 {
	t.Helper()
	dims := m.Shape().Dimensions
	flat := tensors.MustCopyFlatData[float32](m)
	n, width := dims[0], dims[1]
	if columns {
		n, width = width, n
	}
	out := make([][]float64, n)
	for i := range out {
		for j := range width {
			at := i*width + j
			if columns {
				at = j*n + i
			}
			out[i] = append(out[i], float64(flat[at]))
		}
	}
	return out
}

// apart is the largest difference of vectors, each of which a decomposition gives with either sign, beside their size.
func apart(t *testing.T, want, got [][]float64) (worst float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		plain, opposite, size := 0.0, 0.0, 0.0
		for j, w := range want[i] {
			plain += (w - got[i][j]) * (w - got[i][j])
			opposite += (w + got[i][j]) * (w + got[i][j])
			size += w * w
		}
		worst = max(worst, math.Sqrt(min(plain, opposite)/size))
	}
	return worst
}

// CorDA and LoRA-GA start as HF PEFT's do. The frozen weight loses the start, so that outputs stay; what is saved is a plain
// LoRA that computes the same on the untouched backbone, which HF PEFT's own file does not (D7).
func TestStartsFromData(t *testing.T) {
	d := openDataStarts(t)
	all := []int{0, 1, 2, 3, 4, 5}
	for _, c := range []struct {
		name  string
		cfg   *lora.Config
		of    []int
		first func(*lora.Config)
		near  float64
	}{
		{"corda_ipm", dataConfig(lora.CorDAStart), []int{0, 2, 4}, nil, 5e-4},
		{"corda_kpm", dataConfig(lora.CorDAStart), []int{0, 2, 4}, func(c *lora.Config) { c.CorDA = &lora.CorDA{Method: "kpm"} }, 5e-4},
		{"ga_ArB2r_stable", dataConfig(lora.GAStart), all, func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{StableGamma: 9} }, 5e-4},
		{"ga_A2rBr_unit", dataConfig(lora.GAStart), all, func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{Direction: "A2rBr", Scale: "unit"} }, 5e-4},
		{"ga_ArBr_gd_scale", dataConfig(lora.GAStart), all, func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{Direction: "ArBr", Scale: "gd_scale"} }, 5e-4},
		{"ga_ArB2r_weight_svd", dataConfig(lora.GAStart), all, func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{Scale: "weight_svd"} }, 0.03}, // HF PEFT's largest singular value of the weight is a random estimate
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.first != nil {
				c.first(c.cfg)
			}
			a := d.attach(t, c.cfg, d.batches(c.of...))
			ad, err := a.Adapter("a")
			require.NoError(t, err)
			for _, f := range []string{"A", "B"} {
				targets := golden.Under(d.all, c.name+"."+f+".")
				require.Len(t, targets, 6)
				for target, want := range targets {
					got, err := ad.Value("base_model.model." + target + ".lora_" + f + ".weight")
					require.NoError(t, err)
					x, y := vectors(t, want, f == "B"), vectors(t, got, f == "B")
					if c.name == "corda_kpm" && target == "bert.encoder.layer.1.attention.output.dense" {
						x, y = x[:3], y[:3] // float32 does not tell its smallest singular value from 0
					}
					require.LessOrEqual(t, apart(t, x, y), c.near, "%s of %s", f, target)
				}
			}
			bare := d.logits(t, a, peft.Base())
			require.InDeltaSlice(t, bare, d.logits(t, a, a.All()), 1e-5)

			stir(t, a)
			dir := t.TempDir()
			require.NoError(t, a.Save(dir))
			saved, err := peft.Load(d.base.Backbone, dir)
			require.NoError(t, err)
			require.InDeltaSlice(t, d.logits(t, a, a.All()), d.logits(t, saved, saved.All()), 1e-5)
			require.NotEqual(t, bare, d.logits(t, saved, saved.All()))
			other, err := saved.Adapter(saved.Names()[0])
			require.NoError(t, err)
			require.Equal(t, 8, other.Config().(*lora.Config).R)
		})
	}
}

// stir moves the values of an adapter.
func stir(t *testing.T, a *peft.Adapted) {
	t.Helper()
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	next := peft.Tensors{}
	for i, p := range params {
		flat := tensors.MustCopyFlatData[float32](p.Value)
		for k := range flat {
			flat[k] += 0.1 * float32((i+k)%5-2)
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
	}
	require.NoError(t, ad.Set(ad.Config(), next))
}

// EVA finds the directions that HF PEFT does, but for what its own approximation and the end of its search leave open, and
// shares the ranks out like it.
func TestEVA(t *testing.T) {
	d := openDataStarts(t)
	round := []int{0, 1, 2, 3, 4, 5}
	many := append(append(append(round, round...), round...), round...)
	no := false
	for name, set := range map[string]*lora.EVA{
		"eva": {Tau: 0.9, UseLabelMask: &no}, "eva_white": {Rho: 1, Tau: 0.9, Whiten: true, UseLabelMask: &no},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := dataConfig(lora.EVAStart)
			cfg.EVA = set
			a := d.attach(t, cfg, d.batches(many...))
			require.Equal(t, d.logits(t, a, peft.Base()), d.logits(t, a, a.All()), "B is zero")
			ad, err := a.Adapter("a")
			require.NoError(t, err)
			targets := golden.Under(d.all, name+".A.")
			require.NotEmpty(t, targets)
			require.Len(t, ad.Sites(), len(targets))
			sum, near := 0, 0
			for target, want := range targets {
				got, err := ad.Value("base_model.model." + target + ".lora_A.weight")
				require.NoError(t, err)
				r := want.Shape().Dimensions[0]
				sum += got.Shape().Dimensions[0]
				require.Equal(t, r, got.Shape().Dimensions[0], target)
				if d := apart(t, vectors(t, want, false), vectors(t, got, false)); d < 2e-3 || set.Whiten && d < 0.1 {
					near++
				}
			}
			require.Equal(t, 4*6, sum)
			if set.Whiten { // the size tells after which batch a search ended; on one target by chance elsewhere
				near++
			}
			require.GreaterOrEqual(t, near, 6)
			c := ad.Config().(*lora.Config)
			require.Equal(t, len(c.RankPattern), len(c.AlphaPattern))
			dir := t.TempDir()
			stir(t, a)
			require.NoError(t, a.Save(dir))
			saved, err := peft.Load(d.base.Backbone, dir)
			require.NoError(t, err)
			require.Equal(t, d.logits(t, a, a.All()), d.logits(t, saved, saved.All()))
		})
	}
}

// CorDA's files take the place of data.
func TestCorDAFiles(t *testing.T) {
	d := openDataStarts(t)
	dir := t.TempDir()
	values := func(set lora.CorDA, data bool) map[string][]float32 {
		cfg := dataConfig(lora.CorDAStart)
		cfg.CorDA = &set
		var opts []peft.Option
		if data {
			opts = append(opts, peft.Calibrate(t.Context(), d.batches(0, 2, 4)))
		}
		a, err := peft.Attach(d.base.Backbone, "a", cfg, opts...)
		require.NoError(t, err)
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		out := map[string][]float32{}
		for key, v := range ad.Values() {
			if strings.Contains(key, "lora_") {
				out[key] = tensors.MustCopyFlatData[float32](v)
			}
		}
		return out
	}
	both := lora.CorDA{CovarianceFile: filepath.Join(dir, "covariance.safetensors"), CacheFile: filepath.Join(dir, "cache.safetensors")}
	want := values(both, true)
	for _, set := range []lora.CorDA{{CovarianceFile: both.CovarianceFile}, {CacheFile: both.CacheFile}} {
		got := values(set, false)
		require.Len(t, got, len(want))
		for key, w := range want {
			require.InDeltaSlice(t, w, got[key], 1e-5, key)
		}
	}
	half := values(lora.CorDA{HalfCovariance: true}, true)
	require.NotEqual(t, want, half)

	cfg := dataConfig(lora.CorDAStart)
	cfg.R, cfg.CorDA = 3, &lora.CorDA{CacheFile: both.CacheFile}
	_, err := peft.Attach(d.base.Backbone, "a", cfg)
	require.ErrorIs(t, err, peft.ErrTensor)
	cfg.CorDA.CacheFile = "testdata/convolutions.json"
	_, err = peft.Attach(d.base.Backbone, "a", cfg)
	require.ErrorIs(t, err, peft.ErrConfig)
	cfg.CorDA.CacheFile = filepath.Join(dir, "none", "cache.safetensors")
	_, err = peft.Attach(d.base.Backbone, "a", cfg, peft.Calibrate(t.Context(), d.batches(0)))
	require.ErrorIs(t, err, peft.ErrConfig)
}

func TestStartsFromDataRefused(t *testing.T) {
	d := openDataStarts(t)
	data := func(of ...int) []peft.Option { return []peft.Option{peft.Calibrate(t.Context(), d.batches(of...))} }
	for _, init := range []lora.Start{lora.EVAStart, lora.CorDAStart, lora.GAStart} {
		_, err := peft.Attach(d.base.Backbone, "a", dataConfig(init))
		require.ErrorIs(t, err, peft.ErrConfig)
		require.ErrorContains(t, err, "init_lora_weights")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = peft.Attach(d.base.Backbone, "a", dataConfig(init), peft.Calibrate(ended, d.batches(0)))
		require.ErrorIs(t, err, context.Canceled)
	}
	for _, c := range []struct {
		field string
		set   func(*lora.Config)
	}{
		{"eva_config", func(c *lora.Config) { c.EVA = &lora.EVA{Rho: 0.5} }},
		{"eva_config", func(c *lora.Config) { c.EVA = &lora.EVA{Tau: 1.5} }},
		{"corda_config", func(c *lora.Config) { c.CorDA = &lora.CorDA{Method: "apm"} }},
		{"corda_config", func(c *lora.Config) { c.CorDA = &lora.CorDA{Verbose: true} }},
		{"lora_ga_config", func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{Direction: "BrA"} }},
		{"lora_ga_config", func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{Scale: "large"} }},
		{"lora_ga_config", func(c *lora.Config) { c.LoRAGA = &lora.LoRAGA{StableGamma: -1} }},
		{"r", func(c *lora.Config) { c.Init, c.R = lora.GAStart, 17 }},
		{"init_lora_weights", func(c *lora.Config) { c.Init, c.Targets = lora.CorDAStart, peft.Match("word_embeddings") }},
		{"Calibrate", func(c *lora.Config) {}},
	} {
		cfg := dataConfig(lora.Kaiming)
		c.set(cfg)
		_, err := peft.Attach(d.base.Backbone, "a", cfg, data(0)...)
		require.ErrorContains(t, err, c.field)
	}
	few := func(yield func(peft.Tensors, error) bool) {
		yield(peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7}})}, nil)
	}
	_, err := peft.Attach(d.base.Backbone, "a", dataConfig(lora.EVAStart), peft.Calibrate(t.Context(), few))
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "8 rows")
}
