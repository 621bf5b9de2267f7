package predict

import "math"

// Pooling is how the states of a text's tokens become one embedding.
type Pooling int

// The ways to pool, all over a text's tokens with the special ones, without padding and without an adapter's prompt.
const (
	// PoolingOfFolder does as the backbone's folder says; see Options.Pooling.
	PoolingOfFolder Pooling = iota
	// MeanPooling is the mean of the states.
	MeanPooling
	// CLSPooling is the first token's state.
	CLSPooling
	// LastPooling is the last token's state.
	LastPooling
	// MaxPooling is the largest value of any state, place by place.
	MaxPooling
	// MeanSqrtPooling is the sum of the states over the square root of their number.
	MeanSqrtPooling
	// WeightedMeanPooling is a mean in which the n-th state counts n times (Muennighoff 2022, arXiv:2202.08904).
	WeightedMeanPooling
)

// poolingNames are those of sentence-transformers, as "pooling_mode" has them.
var poolingNames = map[string]Pooling{
	"mean": MeanPooling, "cls": CLSPooling, "lasttoken": LastPooling, "max": MaxPooling, "mean_sqrt_len_tokens": MeanSqrtPooling,
	"weightedmean": WeightedMeanPooling,
}

// pool makes one embedding of states.
func (m Pooling) pool(states [][]float32) []float64 {
	out := make([]float64, len(states[0]))
	switch m {
	case CLSPooling:
		widen(out, states[0])
	case LastPooling:
		widen(out, states[len(states)-1])
	case MaxPooling:
		widen(out, states[0])
		for _, state := range states[1:] {
			for j, x := range state {
				out[j] = max(out[j], float64(x))
			}
		}
	default:
		weight, total := 1.0, 0.0
		for i, state := range states {
			if m == WeightedMeanPooling {
				weight = float64(i + 1)
			}
			total += weight
			for j, x := range state {
				out[j] += weight * float64(x)
			}
		}
		if m == MeanSqrtPooling {
			total = math.Sqrt(total)
		}
		for j := range out {
			out[j] /= total
		}
	}
	return out
}

func widen(into []float64, from []float32) {
	for i, x := range from {
		into[i] = float64(x)
	}
}

// shortest is the least length that normalize divides by, as in torch.
const shortest = 1e-12

// normalize brings a vector to length 1.
func normalize(x []float64) []float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	length := max(math.Sqrt(sum), shortest)
	for i := range x {
		x[i] /= length
	}
	return x
}
