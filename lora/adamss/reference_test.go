package adamss_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// near is for what both compute in float32 by ways of their own.
var near = golden.Tolerance{Abs: 1e-5, Rel: 1e-4}

// reference is a case of HF PEFT's.
type reference struct {
	dir    string
	base   *golden.Base
	values peft.Tensors // of HF PEFT's file
	orders peft.Tensors // which it lacks
}

func open(t *testing.T, base, name string) *reference {
	t.Helper()
	r := &reference{dir: filepath.Join(string(golden.Variants(t)), "cases", base, name)}
	var err error
	r.base, err = golden.Committed(t).Base(golden.OpenEngine(t), base)
	require.NoError(t, err)
	r.values, err = golden.ReadTensors(filepath.Join(r.dir, peft.WeightsFile))
	require.NoError(t, err)
	r.orders, err = golden.ReadTensors(filepath.Join(r.dir, "factors.safetensors"))
	require.NoError(t, err)
	return r
}

func (r *reference) attach(t *testing.T) *peft.Adapter {
	t.Helper()
	cfg, err := peft.ReadConfig(r.dir)
	require.NoError(t, err)
	adapted, err := peft.Attach(r.base.Backbone, "a", cfg)
	require.NoError(t, err)
	ad, err := adapted.Adapter("a")
	require.NoError(t, err)
	return ad
}

var cases = [][2]string{{"bert_seqcls", "adamss"}, {"llama_lm", "adamss"}, {"llama_lm", "adamss-dynamic"}}

// A fresh adapter divides the rows as HF PEFT does, has the shapes that it has, and the same basis but for signs.
func TestStart(t *testing.T) {
	for _, c := range cases {
		t.Run(strings.Join(c[:], " "), func(t *testing.T) {
			r := open(t, c[0], c[1])
			ad := r.attach(t)
			for key, want := range r.orders {
				got, err := ad.Value(key)
				require.NoError(t, err)
				require.Equal(t, whole(tensors.MustCopyFlatData[int64](want)), tensors.MustCopyFlatData[int32](got), key)
			}
			for key, want := range r.values {
				got, err := ad.Value(key)
				require.NoError(t, err)
				require.Equal(t, want.Shape().Dimensions, got.Shape().Dimensions, key)
				if strings.HasSuffix(key, "newB") {
					require.NoError(t, near.Near(key, settled(want), settled(got)))
				}
			}
		})
	}
}

func whole(wide []int64) []int32 {
	out := make([]int32, len(wide))
	for i, v := range wide {
		out[i] = int32(v)
	}
	return out
}

// settled makes the largest number of each row positive.
func settled(t *peft.Tensor) *peft.Tensor {
	flat, d := tensors.MustCopyFlatData[float32](t), t.Shape().Dimensions
	for i := range d[0] {
		row, largest := flat[i*d[1]:(i+1)*d[1]], float32(0)
		for _, v := range row {
			if math.Abs(float64(v)) > math.Abs(float64(largest)) {
				largest = v
			}
		}
		for j := range row {
			if largest < 0 {
				row[j] = -row[j]
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, d...)
}

// HF PEFT's own file opens, says what it lacks, and computes what HF PEFT computed.
func TestFileWithoutOrder(t *testing.T) {
	for _, c := range cases {
		r := open(t, c[0], c[1])
		adapted, err := peft.Load(r.base.Backbone, r.dir)
		require.NoError(t, err)
		ad, err := adapted.Adapter(adapted.Names()[0])
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(ad.Warnings()), "adamss_index")
		want, err := golden.ReadTensors(filepath.Join(r.dir, "golden.safetensors"))
		require.NoError(t, err)
		got, err := adapted.Forward(t.Context(), adapted.All(), r.base.In)
		require.NoError(t, err)
		require.NoError(t, near.Near("logits", want["out.logits"], got["logits"]))
	}
}

// A file of other subspaces than the weight gives, and one whose rows are none, are refused with the numbers.
func TestFileRefused(t *testing.T) {
	r := open(t, "llama_lm", "adamss")
	const site = "base_model.model.model.layers.0.self_attn.v_proj.adamss_"
	refused := func(values peft.Tensors, texts ...string) {
		t.Helper()
		dir := t.TempDir()
		config, err := os.ReadFile(filepath.Join(r.dir, peft.ConfigFile))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, peft.ConfigFile), config, 0o600))
		f, err := os.Create(filepath.Join(dir, peft.WeightsFile))
		require.NoError(t, err)
		require.NoError(t, safetensors.Encode(f, values, nil))
		require.NoError(t, f.Close())
		_, err = peft.Load(r.base.Backbone, dir)
		require.ErrorIs(t, err, peft.ErrTensor)
		for _, text := range texts {
			require.ErrorContains(t, err, text)
		}
	}
	swapped := clone(r.values)
	swapped[site+"B.0"], swapped[site+"B.1"] = swapped[site+"B.1"], swapped[site+"B.0"]
	refused(swapped, site+"index", "[10 3 3]", "[3 10 3]")

	twice := clone(r.values)
	for key, v := range r.orders {
		twice[key] = v
	}
	rows := tensors.MustCopyFlatData[int64](r.orders[site+"index"])
	rows[3] = rows[2]
	twice[site+"index"] = tensors.FromFlatDataAndDimensions(rows, len(rows))
	refused(twice, site+"index", fmt.Sprintf("row %d", rows[3]), "0 to 15")
}

func clone(values peft.Tensors) peft.Tensors {
	out := peft.Tensors{}
	for key, v := range values {
		out[key] = v
	}
	return out
}

// The Trainer stops those subspaces that HF PEFT stops, when it does, and has the same losses.
func TestAllocation(t *testing.T) {
	r := open(t, "llama_lm", "adamss-asa")
	want, err := golden.ReadTensors(filepath.Join(r.dir, "golden.safetensors"))
	require.NoError(t, err)
	trains := golden.Under(want, "extra.asa.trains.")
	var losses []float32
	before := peft.Tensors{}
	for steps := 1; steps <= 8; steps++ { // what a step leaves is what a run of as many steps ends with
		adapted, err := peft.Load(r.base.Backbone, r.dir)
		require.NoError(t, err)
		losses = nil
		trainer, err := train.New(adapted, train.Options{
			Optimizer: optim.AdamW{LR: 1e-2, WeightDecay: 0.01}, Schedule: optim.Constant{}, MaxGradNorm: optim.Zero, Steps: steps,
			OnStep: func(s train.Step) error { losses = append(losses, float32(s.Loss)); return nil },
		})
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: r.base.In}})
		require.NoError(t, err)
		ad, err := adapted.Adapter(adapted.Names()[0])
		require.NoError(t, err)
		for key := range trains {
			now, err := ad.Value(key)
			require.NoError(t, err)
			if steps > 1 { // one that trained after the last step has moved in this
				running := tensors.MustCopyFlatData[float32](trains[key])[steps-2] != 0
				require.Equal(t, running, !now.Equal(before[key]), "%s in step %d", key, steps)
			}
			before[key] = now
		}
	}
	require.NoError(t, near.Near("losses", want["extra.asa.losses"], tensors.FromValue(losses)))
}
