package torchrand

// What tests see of the inside.
var FMA32 = fma32

func InsideOut(g *Generator, n, k int) []int { return g.insideOut(n, k) }
