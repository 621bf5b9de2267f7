package optim_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// BenchmarkApply is one step over the 40 tensors of a LoRA of rank 8 on 20 maps of width 384: 122,880 numbers.
func BenchmarkApply(b *testing.B) {
	clip := optim.ClipNorm{Max: 1}
	for _, c := range []struct {
		name      string
		transform optim.Transform
	}{
		{"sgd", optim.SGD{}.Transform()},
		{"momentum", optim.SGD{Momentum: 0.9}.Transform()},
		{"adamw", optim.AdamW{}.Transform()},
		{"clip+adamw", optim.Chain{clip, optim.AdamW{}.Transform()}},
		{"accumulate+clip+adamw", optim.Accumulate{Every: 4, Inner: optim.Chain{clip, optim.AdamW{}.Transform()}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var paths []string
			var values, grads []*tensors.Tensor
			for i := range 20 {
				for _, dims := range [][]int{{8, 384}, {384, 8}} {
					paths = append(paths, fmt.Sprint(i, dims))
					values = append(values, tensors.FromScalarAndDimensions(float32(0.1), dims...))
					grads = append(grads, tensors.FromScalarAndDimensions(float32(0.01), dims...))
				}
			}
			r := start(b, c.transform, paths, values...)
			r.apply(1e-3, grads...) // compiles
			b.ReportAllocs()
			for b.Loop() {
				r.apply(1e-3, grads...)
			}
			require.Equal(b, 1, r.builds)
		})
	}
}
