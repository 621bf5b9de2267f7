package arch

import (
	"github.com/gopeft/gopeft/internal/activation"
	"github.com/gopeft/gopeft/peft/seam"
)

// Activation gives an activation by transformers' name (hidden_act).
func Activation(name string) (func(*seam.Node) *seam.Node, bool) {
	switch name {
	case "gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "silu", "swish", "tanh":
		return activation.Named(name), true
	}
	return nil, false
}

// GELU is x Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016, arXiv:1606.08415).
func GELU(x *seam.Node) *seam.Node { return activation.GELU(x) }
