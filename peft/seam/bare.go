package seam

// Bare builds the forward pass of the backbone alone beside the one with adapters, in the same graph and on the same
// frozen values: no adapter acts and dropout is off, in training as well. It is what a distillation loss compares with.
// The outputs are named as Forward's. Graph-building.
func (c *Call) Bare(in Nodes) Nodes {
	bare := &Call{
		g: c.g, net: c.net, branches: []branch{{}},
		frozen: c.frozen, wide: c.wide, frozenPaths: c.frozenPaths, // one parameter of the graph for each value
	}
	outputs := bare.Forward(in)
	c.frozenPaths = bare.frozenPaths
	return outputs
}
