package poly

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// What torch.distributions.RelaxedBernoulli(1.0, logits=logits).rsample() gives for torch.rand's u (torch 2.15.0, seed 1).
func TestRelaxed(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	e, err := peft.OpenEngine("")
	require.NoError(t, err)
	defer e.Close()
	exec, err := graph.NewExec(e.Backend(), func(logits, u *graph.Node) *graph.Node { return graph.Sigmoid(relaxed(logits, u)) })
	require.NoError(t, err)
	out, err := exec.Call([]float32{0, 0.5, -2, 3}, []float32{0.7576315999031067, 0.2793108820915222, 0.40306925773620605, 0.7346844673156738})
	require.NoError(t, err)
	want := []float32{0.7576315999031067, 0.38986438512802124, 0.08373160660266876, 0.9823380708694458}
	require.InDeltaSlice(t, want, tensors.MustCopyFlatData[float32](out[0]), 1e-6)
}
