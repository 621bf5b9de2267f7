package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// sublayers names the places in a pre-norm block where adapters stand, as AdapterHub does: transformers has no module
// there.
var sublayers = map[string]string{"attention": ".attention_adapters", "feedforward": ".output_adapters"}

// PreNormSublayer is the site at the end of a pre-norm block's "attention" or "feedforward", by the block's path.
func PreNormSublayer(block, role string, layer, width int) peft.Site {
	return peft.Site{Path: block + sublayers[role], Kind: peft.Sublayer, Role: role, Layer: layer, In: width, Out: width}
}

// Residual is a sub-layer of a pre-norm block: f of the normed x and what adapters make of it, added to x.
func Residual(c *peft.Call, block, role string, x, normed *peft.Node, f func(*peft.Node) *peft.Node) *peft.Node {
	return ResidualAt(c, block+sublayers[role], x, normed, f)
}

// ResidualAt is Residual where the sub-layer is a module of transformers, by its path.
func ResidualAt(c *peft.Call, path string, x, normed *peft.Node, f func(*peft.Node) *peft.Node) *peft.Node {
	h := c.Sublayer(path, peft.SublayerIO{X: normed, Residual: x}, f(normed))
	return graph.Add(x, h)
}
