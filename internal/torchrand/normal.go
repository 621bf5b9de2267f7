package torchrand

import "math"

// block is how many numbers torch transforms at once: 8 pairs of uniform ones to 8 pairs of normal ones.
const block = 16

// Normal fills out with normal numbers, as Tensor.normal_ of a float32 tensor, torch.normal and, with 0 and 1, torch.randn. The
// method is that of Box and Muller 1958. std must not be negative.
//
// The length matters: torch computes fewer than 16 numbers one after the other, and otherwise blocks of 16, of which the last
// one is drawn again if the length is no multiple of 16. So two calls for 8 numbers are not one for 16.
func (g *Generator) Normal(out []float32, mean, std float64) {
	if len(out) < block {
		for i := range out {
			out[i] = float32(math.FMA(g.normal(), std, mean))
		}
		return
	}
	for i := range out {
		out[i] = g.float32()
	}
	centre, width := float32(mean), float32(std)
	for i := 0; i+block <= len(out); i += block {
		boxMuller(out[i:i+block], centre, width)
	}
	if len(out)%block != 0 {
		last := out[len(out)-block:]
		for i := range last {
			last[i] = g.float32()
		}
		boxMuller(last, centre, width)
	}
}

// Normal64 is Normal for float64.
func (g *Generator) Normal64(out []float64, mean, std float64) {
	if len(out) < block {
		for i := range out {
			out[i] = math.FMA(g.normal(), std, mean)
		}
		return
	}
	for i := range out {
		out[i] = g.float64()
	}
	for i := 0; i+block <= len(out); i += block {
		boxMuller64(out[i:i+block], mean, std)
	}
	if len(out)%block != 0 {
		last := out[len(out)-block:]
		for i := range last {
			last[i] = g.float64()
		}
		boxMuller64(last, mean, std)
	}
}

// normal draws a number of the standard normal distribution. Numbers come in pairs; the second one is held for the next call.
func (g *Generator) normal() float64 {
	if g.held {
		g.held = false
		return g.spare
	}
	turn, u := g.float64(), g.float64()
	radius := math.Sqrt(-2 * math.Log1p(-u))
	sin, cos := math.Sincos(2 * math.Pi * turn)
	g.spare, g.held = radius*sin, true
	return radius * cos
}

// boxMuller64 turns 16 uniform numbers into normal ones.
func boxMuller64(x []float64, mean, std float64) {
	for i, u := range x[:block/2] {
		radius := math.Sqrt(-2 * math.Log(1-u))
		sin, cos := math.Sincos(2 * math.Pi * x[i+block/2])
		x[i], x[i+block/2] = math.FMA(radius*cos, std, mean), math.FMA(radius*sin, std, mean)
	}
}

// boxMuller turns 16 uniform numbers into normal ones.
func boxMuller(x []float32, mean, std float32) {
	for i, u := range x[:block/2] {
		radius := float32(math.Sqrt(float64(-2 * log32(1-u))))
		sin, cos := sincos32(2 * math.Pi * x[i+block/2])
		x[i], x[i+block/2] = fma32(radius*cos, std, mean), fma32(radius*sin, std, mean)
	}
}
