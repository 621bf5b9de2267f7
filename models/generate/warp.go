package generate

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gopeft/gopeft/internal/softmax"
)

// draw takes a token at random by scores, which it changes.
func (s *settings) draw(r *rand.Rand, scores []float32) int32 {
	s.warp(scores)
	p := softmax.Of(scores)
	at := r.Float64()
	last := 0
	for i, v := range p {
		if v == 0 {
			continue
		}
		if last = i; at < v {
			return int32(i)
		}
		at -= v
	}
	return int32(last)
}

// warp narrows the scores to sample from, in transformers' order.
func (s *settings) warp(scores []float32) {
	for i := range scores {
		scores[i] /= float32(s.Temperature)
	}
	if s.TopK > 0 && s.TopK < len(scores) {
		topK(scores, s.TopK)
	}
	if s.TopP > 0 && s.TopP < 1 {
		topP(scores, s.TopP)
	}
	if s.MinP > 0 {
		minP(scores, s.MinP)
	}
	if s.TypicalP > 0 && s.TypicalP < 1 {
		typical(scores, s.TypicalP)
	}
}

// lowest is a heap with its least number on top.
type lowest []float32

func (h lowest) Len() int           { return len(h) }
func (h lowest) Less(i, j int) bool { return h[i] < h[j] }
func (h lowest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lowest) Push(x any)        { *h = append(*h, x.(float32)) }
func (h *lowest) Pop() any          { panic("never popped") }

// topK keeps the k best tokens, and those that are as good as the last of them.
func topK(scores []float32, k int) {
	best := lowest(slices.Clone(scores[:k]))
	heap.Init(&best)
	for _, v := range scores[k:] {
		if v > best[0] {
			best[0] = v
			heap.Fix(&best, 0)
		}
	}
	for i, v := range scores {
		if v < best[0] {
			scores[i] = never
		}
	}
}

// topP keeps the best tokens up to the one with which they have the probability mass.
func topP(scores []float32, mass float64) {
	p := softmax.Of(scores)
	keepUntil(scores, p, mass, (1-mass)/float64(len(p)), func(i, j int) int { return cmp.Compare(p[j], p[i]) })
}

// minP keeps the tokens whose probability is at least a share of the best one's.
func minP(scores []float32, share float64) {
	best := float64(slices.Max(scores))
	for i, v := range scores {
		if math.Exp(float64(v)-best) < share {
			scores[i] = never
		}
	}
}

// typical keeps the tokens whose surprise is nearest to the expected one up to the one with which they have the mass.
func typical(scores []float32, mass float64) {
	p := softmax.Of(scores)
	entropy := 0.0
	for _, v := range p {
		if v > 0 {
			entropy -= v * math.Log(v)
		}
	}
	off := make([]float64, len(p))
	for i, v := range p {
		off[i] = math.Abs(-math.Log(v) - entropy)
	}
	keepUntil(scores, p, mass, 0, func(i, j int) int { return cmp.Compare(off[i], off[j]) })
}

// keepUntil goes through the tokens of a probability above least in an order, and keeps those up to the one with which
// they have the mass.
func keepUntil(scores []float32, p []float64, mass, least float64, order func(i, j int) int) {
	var at []int
	for i, v := range p {
		if v > least {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, order)
	keep, total := 0, 0.0
	for keep < len(at) && (keep == 0 || total < mass) {
		total += p[at[keep]]
		keep++
	}
	kept := make([]float32, keep)
	for i, j := range at[:keep] {
		kept[i] = scores[j]
	}
	for i := range scores {
		scores[i] = never
	}
	for i, j := range at[:keep] {
		scores[j] = kept[i]
	}
}

// logSoftmax gives the logarithms of probabilities, in place.
func logSoftmax(scores []float32) {
	best := float64(slices.Max(scores))
	total := 0.0
	for _, v := range scores {
		total += math.Exp(float64(v) - best)
	}
	norm := best + math.Log(total)
	for i, v := range scores {
		scores[i] = float32(float64(v) - norm)
	}
}
