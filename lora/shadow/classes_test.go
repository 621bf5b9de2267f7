package shadow_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A classifier's outputs, loss and gradients are those of HF PEFT, which internal/testdata/gen/shadow_classes.py wrote.
func TestClasses(t *testing.T) {
	dir := filepath.Join("testdata", "classes")
	b, err := models.Load(filepath.Join(dir, "base"))
	require.NoError(t, err)
	a, err := peft.Load(b, filepath.Join(dir, "adapter"))
	require.NoError(t, err)
	golden, err := peft.ReadTensors(filepath.Join(dir, "golden.safetensors"))
	require.NoError(t, err)
	in, want := peft.Tensors{}, peft.Tensors{}
	for name, v := range golden {
		if arg, ok := strings.CutPrefix(name, "in."); ok {
			in[arg] = v
		} else {
			want[name] = v
		}
	}
	out, grads, err := a.Gradients(context.Background(), a.All(), in)
	require.NoError(t, err)
	got := peft.Tensors{"out.loss": out["loss"], "out.logits": out["logits"]}
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	for i, p := range params {
		got["grad."+p.FileKey()] = grads[i]
	}
	require.Len(t, got, len(want))
	for name, v := range want {
		require.NotNil(t, got[name], name)
		require.True(t, v.InDelta(got[name], 2e-6), name)
	}
}
