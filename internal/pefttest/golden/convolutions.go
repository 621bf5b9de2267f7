package golden

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

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

// Convolutions holds a method on convolutions to HF PEFT: outputs, gradients, keys and shapes of its file, and what merging
// gives. path names two files, .json and .safetensors, that a script beside internal/testdata/gen/lora_convolutions.py made.
// Where HF PEFT can't merge, merging must give peft.ErrMerge with this text; "" means that it works here.
func Convolutions(t *testing.T, path, noMerge string) {
	t.Helper()
	raw, err := os.ReadFile(path + ".json")
	require.NoError(t, err)
	var cases map[string]struct {
		Stride, Padding []int
		Groups          int
		Config          json.RawMessage
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.NotEmpty(t, cases)
	all, err := ReadTensors(path + ".safetensors")
	require.NoError(t, err)
	e, near := OpenEngine(t), Tolerance{Abs: 1e-5, Rel: 1e-5}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			of := Under(all, name+"/")
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
			adapter := Under(of, "adapter.")
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
			require.Len(t, Under(of, "grad."), len(got))
			require.NoError(t, near.NearAll("gradient", Under(of, "grad."), got))

			merged, err := a.Merge(t.Context(), a.All())
			want := Under(of, "merged.")
			if len(want) == 0 && noMerge != "" {
				require.ErrorIs(t, err, peft.ErrMerge)
				require.ErrorContains(t, err, noMerge)
				return
			}
			require.NoError(t, err)
			if len(want) == 0 {
				out, err = merged.Forward(t.Context(), in)
				require.NoError(t, err)
				require.NoError(t, near.Near("y of merged", of["y"], out["y"]))
				return
			}
			values := peft.Tensors{}
			for path, v := range merged.Values() {
				values[path[len("conv."):]] = v
			}
			require.NoError(t, near.NearAll("merged", want, values))
		})
	}
}
