package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// dynamicRotary is "dynamic" scaling: the base grows with the sequence beyond what the model was trained for, so that the
// slowest pair turns as far as it did in training.
func dynamicRotary(theta, factor float64, trained, width int) *LongRotary {
	power := float64(width) / float64(width-2)
	return &LongRotary{
		Beyond: trained,
		Of: func(length int) []float32 {
			growth := factor*float64(length)/float64(trained) - (factor - 1)
			return frequencies(theta*math.Pow(growth, power), width)
		},
		OfNode: func(length *seam.Node) *seam.Node {
			g, n := length.Graph(), width/2
			powers := make([]float32, n)
			for i := range powers {
				powers[i] = -float32(2*i) / float32(width)
			}
			growth := graph.AddScalar(graph.MulScalar(length, factor/float64(trained)), 1-factor)
			base := graph.MulScalar(graph.Pow(growth, graph.Scalar(g, dtypes.Float32, power)), theta)
			return graph.Pow(graph.BroadcastToDims(base, n), graph.Const(g, powers))
		},
	}
}

// llama3 slows pairs that turn less than low times within the trained length by the factor, leaves those that turn more
// than high times, and goes smoothly between them (Llama 3.1, Grattafiori et al. 2024, arXiv:2407.21783).
func llama3(freq []float32, factor, low, high, trained float64) {
	for i, f := range freq {
		turns := trained * float64(f) / (2 * math.Pi)
		keep := min(max((turns-low)/(high-low), 0), 1)
		freq[i] = float32((1-keep)*float64(f)/factor + keep*float64(f))
	}
}

// longRotary divides each pair's frequency by a number of its own, and by another one in sequences beyond what the model
// was trained for (LongRoPE, Ding et al. 2024, arXiv:2402.13753).
func longRotary(f *ropeFields, width int, reach float64) Rotary {
	scaled := func(by []float32) []float32 {
		out := make([]float32, width/2)
		for i := range out {
			out[i] = 1 / (by[i] * float32(math.Pow(f.theta, float64(float32(2*i)/float32(width)))))
		}
		return out
	}
	r := Rotary{Frequencies: scaled(f.Short), Scale: 1, Longer: &LongRotary{
		Beyond: int(f.trained), Rereads: true,
		Of:     func(int) []float32 { return scaled(f.Long) },
		OfNode: func(length *seam.Node) *seam.Node { return graph.Const(length.Graph(), scaled(f.Long)) },
	}}
	factor := reach / f.trained
	if f.Factor != nil {
		factor = *f.Factor
	}
	switch {
	case f.AttentionFactor != nil:
		r.Scale = *f.AttentionFactor
	case factor > 1:
		r.Scale = math.Sqrt(1 + math.Log(factor)/math.Log(f.trained))
	}
	return r
}

// yarn does the same with a ramp over the pairs' index, from the one that turns beta_fast times within the trained
// length to the one that turns beta_slow times, and gives the scale of sines and cosines (Peng et al. 2023,
// arXiv:2309.00071).
func yarn(freq []float32, f *ropeFields, factor float64, width int) float64 {
	index := func(turns float64) float64 {
		return float64(width) * math.Log(f.trained/(turns*2*math.Pi)) / (2 * math.Log(f.theta))
	}
	or := func(v, def float64) float64 {
		if v == 0 {
			return def
		}
		return v
	}
	first, last := index(or(f.BetaFast, 32)), index(or(f.BetaSlow, 1))
	if f.Truncate == nil || *f.Truncate {
		first, last = math.Floor(first), math.Ceil(last)
	}
	first, last = max(first, 0), min(last, float64(width-1))
	if first == last {
		last += 0.001
	}
	for i := range freq {
		slow := min(max((float64(i)-first)/(last-first), 0), 1)
		freq[i] = float32(float64(freq[i])/factor*slow + float64(freq[i])*(1-slow))
	}
	scale := func(m float64) float64 {
		if factor <= 1 {
			return 1
		}
		return 0.1*m*math.Log(factor) + 1
	}
	switch {
	case f.AttentionFactor != nil:
		return *f.AttentionFactor
	case f.MScale != 0 && f.MScaleAll != 0:
		return scale(f.MScale) / scale(f.MScaleAll)
	}
	return scale(1)
}
