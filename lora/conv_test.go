package lora_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// single is a model of one convolution, "conv": its loss is the sum of its output times v.
type single struct{ site seam.Site }

func (m single) Info() peft.Info             { return peft.Info{ModelType: "single"} }
func (m single) Sites() []seam.Site          { return []seam.Site{m.site} }
func (single) Check(peft.Tensors, int) error { return nil }
func (single) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	y := c.Conv("conv", in["x"])
	return seam.Nodes{"y": y, "loss": graph.ReduceAllSum(graph.Mul(y, in["v"]))}
}

// LoRA on a convolution is HF PEFT's: outputs, gradients, keys and shapes of its file, and what merging gives.
func TestConvolutionsOfHFPEFT(t *testing.T) {
	raw, err := os.ReadFile("testdata/convolutions.json")
	require.NoError(t, err)
	var cases map[string]struct {
		Stride, Padding []int
		Groups          int
		Config          json.RawMessage
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	all, err := golden.ReadTensors("testdata/convolutions.safetensors")
	require.NoError(t, err)
	e, near := golden.OpenEngine(t), golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			of := golden.Under(all, name+"/")
			w := of["weight"].Shape().Dimensions
			ones := make([]int, len(c.Stride))
			for i := range ones {
				ones[i] = 1
			}
			site := seam.Site{Path: "conv", Kind: seam.Conv, In: w[1] * c.Groups, Out: w[0], Layer: -1, Conv: &seam.Convolution{
				Kernel: w[2:], Stride: c.Stride, Padding: c.Padding, Dilation: ones, Groups: c.Groups,
			}}
			frozen := peft.Tensors{"conv.weight": of["weight"]}
			if of["bias"] != nil {
				frozen["conv.bias"] = of["bias"]
			}
			b, err := peft.NewBackbone(single{site}, frozen, e, seam.Origin{})
			require.NoError(t, err)
			cfg, err := peft.ParseConfig(c.Config)
			require.NoError(t, err)
			a, err := peft.Attach(b, "a", cfg)
			require.NoError(t, err)
			ad, err := a.Adapter("a")
			require.NoError(t, err)
			adapter := golden.Under(of, "adapter.")
			require.Len(t, ad.Values(), len(adapter))
			require.NoError(t, ad.Set(ad.Config(), adapter))

			in := peft.Tensors{"x": of["x"], "v": of["v"]}
			out, grads, err := a.Gradients(t.Context(), a.All(), in)
			require.NoError(t, err)
			require.NoError(t, near.Near("y", of["y"], out["y"]))
			params, err := a.Trainable(a.All())
			require.NoError(t, err)
			got := peft.Tensors{}
			for i, p := range params {
				got[p.FileKey()] = grads[i]
			}
			require.Len(t, golden.Under(of, "grad."), len(got))
			require.NoError(t, near.NearAll("gradient", golden.Under(of, "grad."), got))

			merged, err := a.Merge(t.Context(), a.All())
			if c.Groups > 1 {
				require.ErrorIs(t, err, peft.ErrMerge)
				require.ErrorContains(t, err, "conv convolves 2 groups of channels apart")
				return
			}
			require.NoError(t, err)
			values := peft.Tensors{}
			for path, v := range merged.Values() {
				values[path[len("conv."):]] = v
			}
			require.NoError(t, near.NearAll("merged", golden.Under(of, "merged."), values))
		})
	}
}
