package lora_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// variant opens a case that HF PEFT made of a variant: the adapter, the model's arguments, and what HF PEFT computed.
func variant(t *testing.T, base, name string) (*peft.Adapted, peft.Tensors, peft.Tensors) {
	t.Helper()
	f := golden.Variants(t)
	c, err := f.Case(base, name)
	require.NoError(t, err)
	b, err := models.Load(f.BaseDir(base), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	a, err := peft.Load(b, c.Dir)
	require.NoError(t, err)
	in := golden.Under(c.Golden, "in.")
	if len(in) == 0 {
		all, err := golden.ReadTensors(f.BaseDir(base) + "/io.safetensors")
		require.NoError(t, err)
		in = golden.Under(all, "in.")
	}
	return a, in, c.Golden
}

// What KaSA adds to the loss of a training step, and its gradients, are HF PEFT's; outside of training it adds nothing.
func TestKaSAPenalty(t *testing.T) {
	near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
	for _, c := range [][2]string{{"bert_seqcls", "lora-kasa"}, {"llama_lm", "lora-kasa"}, {"llama_lm", "lora-kasa-patterns"}} {
		a, in, want := variant(t, c[0], c[1])
		p := peft.Program{Key: "penalty", Training: true, Build: func(c *seam.Call, _ seam.Nodes, _ []*seam.Node) []*seam.Node {
			loss := c.Penalty()
			return append([]*seam.Node{loss}, c.Gradients(loss)...)
		}}
		out, err := a.Run(t.Context(), p, a.All(), nil, []*peft.Tensor{peft.RandomState(1)}, nil)
		require.NoError(t, err)
		require.NoError(t, near.Near("loss", want["extra.kasa_loss"], out[0]))
		params, err := a.Trainable(a.All())
		require.NoError(t, err)
		held := 0
		for i, p := range params {
			if g := want["extra.kasa_grad."+p.FileKey()]; g != nil {
				held++
				require.NoError(t, near.Near(p.FileKey(), g, out[1+i]))
			}
		}
		require.Equal(t, len(golden.Under(want, "extra.kasa_grad.")), held)
		given, err := a.Forward(t.Context(), a.All(), in)
		require.NoError(t, err)
		require.NoError(t, near.Near("loss outside of training", want["out.loss"], given["loss"]))
	}
}

// VeLoRA's gradients in a training step are HF PEFT's.
func TestVeLoRATrains(t *testing.T) {
	near := golden.Tolerance{Abs: 1e-5, Rel: 1e-4}
	for _, c := range [][2]string{{"bert_seqcls", "lora-velora"}, {"llama_lm", "lora-velora"}, {"llama_lm", "lora-velora-once"}, {"llama_lm", "lora-velora-random"}} {
		a, in, want := variant(t, c[0], c[1])
		got := trained(t, a, in, 1, nil)
		grads := golden.Under(want, "extra.grad.")
		require.NotEmpty(t, grads)
		for key, g := range grads {
			require.NoError(t, near.Near(key, g, got[key]), c)
		}
	}
}

// trained gives the loss ("loss") and the gradients of a training step at a random state, with values in place of the adapter's.
func trained(t *testing.T, a *peft.Adapted, in peft.Tensors, seed uint64, values []*peft.Tensor) peft.Tensors {
	t.Helper()
	p := peft.Program{Key: "trained", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		loss := c.Loss(c.Forward(in))
		return append([]*seam.Node{loss}, c.Gradients(loss)...)
	}}
	out, err := a.Run(t.Context(), p, a.All(), in, []*peft.Tensor{peft.RandomState(seed)}, values)
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	got := peft.Tensors{"loss": out[0]}
	for i, p := range params {
		got[p.FileKey()] = out[1+i]
	}
	return got
}
