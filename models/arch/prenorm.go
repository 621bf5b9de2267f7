package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// sublayers names the places in a pre-norm block where adapters stand, as AdapterHub does: transformers has no module
// there.
var sublayers = map[string]string{"attention": ".attention_adapters", "feedforward": ".output_adapters"}

// PreNormSublayer is the site at the end of a pre-norm block's "attention" or "feedforward", by the block's path.
func PreNormSublayer(block, role string, layer, width int) seam.Site {
	return seam.Site{Path: block + sublayers[role], Kind: seam.Sublayer, Role: role, Layer: layer, In: width, Out: width}
}

// Block is the site of a whole block.
func Block(path string, layer, width int) seam.Site {
	return seam.Site{Path: path, Kind: seam.Block, Role: "block", Layer: layer, In: width, Out: width}
}

// Residual is a sub-layer of a pre-norm block: f of the normed x and what adapters make of it, added to x.
func Residual(c *seam.Call, block, role string, x, normed *seam.Node, f func(*seam.Node) *seam.Node) *seam.Node {
	return ResidualAt(c, block+sublayers[role], x, normed, f)
}

// ResidualAt is Residual where the sub-layer is a module of transformers, by its path.
func ResidualAt(c *seam.Call, path string, x, normed *seam.Node, f func(*seam.Node) *seam.Node) *seam.Node {
	h := c.Sublayer(path, seam.SublayerIO{X: normed, Residual: x}, f(normed))
	return graph.Add(x, h)
}
