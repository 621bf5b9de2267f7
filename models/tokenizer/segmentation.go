package tokenizer

import (
	"math"
	"unicode/utf8"
)

// segmentation is the lattice of all ways to cut a text into the pieces of a Unigram model in training.
type segmentation struct {
	nodes  []segment
	begins [][]int32 // of each byte, the nodes that begin there
	ends   [][]int32
}

// segment is a piece at a place. Nodes 0 and 1 are the beginning and the end of the text, without a piece.
type segment struct {
	id, pos    int32
	prev       int32
	score, sum float64 // sum is the best total of the ways up to here
}

// pieceModel is a Unigram model in training. Piece 0 stands for what is unknown.
type pieceModel struct {
	texts  []string
	scores []float64
	trie   *byteTrie
	least  float64
}

func newPieceModel(texts []string, scores []float64) *pieceModel {
	m := &pieceModel{texts, scores, newByteTrie(texts), math.Inf(1)}
	for _, s := range scores {
		if s < m.least { // false for the NaN of piece 0
			m.least = s
		}
	}
	return m
}

func (m *pieceModel) segment(text string) *segmentation {
	n := len(text)
	s := &segmentation{begins: make([][]int32, n+1), ends: make([][]int32, n+1)}
	add := func(id int32, from, to int, score float64) {
		k := int32(len(s.nodes))
		s.nodes = append(s.nodes, segment{id: id, pos: int32(from), prev: -1, score: score})
		if k != 0 {
			s.begins[from] = append(s.begins[from], k)
		}
		if k != 1 {
			s.ends[to] = append(s.ends[to], k)
		}
	}
	add(-1, 0, 0, 0)
	add(-1, n, n, 0)
	for from := 0; from < n; {
		_, size := utf8.DecodeRuneInString(text[from:])
		known, node := false, int32(0)
		for to := from; to < n; {
			if node = m.trie.step(node, text[to]); node < 0 {
				break
			}
			to++
			if id := m.trie.ids[node]; id >= 0 {
				add(id, from, to, m.scores[id])
				known = known || to == from+size
			}
		}
		if !known {
			add(0, from, from+size, m.least-unknownPenalty)
		}
		from += size
	}
	return s
}

// viterbi returns the best path, from the end to the beginning.
func (s *segmentation) viterbi() []int32 {
	for pos := range s.begins {
		for _, r := range s.begins[pos] {
			right := &s.nodes[r]
			right.prev = -1
			for _, l := range s.ends[pos] {
				if sum := s.nodes[l].sum + right.score; right.prev < 0 || sum > right.sum {
					right.prev, right.sum = l, sum
				}
			}
		}
	}
	var path []int32
	for k := s.nodes[1].prev; k > 0; k = s.nodes[k].prev {
		path = append(path, k)
	}
	return path
}

// partial is a way from a node to the end of the text. best is what the best whole way through it scores.
type partial struct {
	node        int32
	next        *partial
	best, score float64
}

// agenda is a heap of four children a node, the best first. Which of two equals comes first decides what a vocabulary
// loses; here it is the one that the reference's heap gives.
type agenda []*partial

func (a *agenda) push(p *partial) {
	*a = append(*a, p)
	a.up(len(*a) - 1)
}

// up moves an element towards the root, past its equals.
func (a agenda) up(i int) {
	for i > 0 {
		parent := (i - 1) / 4
		if a[i].best < a[parent].best {
			return
		}
		a[i], a[parent] = a[parent], a[i]
		i = parent
	}
}

func (a *agenda) pop() *partial {
	h := *a
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*a = h
	// down to the bottom along the best children, the first of equals, and up again
	i := 0
	for child := 1; child < last; child = 4*i + 1 {
		best := child
		for c := child + 1; c < min(child+4, last); c++ {
			if h[c].best > h[best].best {
				best = c
			}
		}
		h[i], h[best] = h[best], h[i]
		i = best
	}
	if last > 0 {
		h.up(i)
	}
	return top
}

// best returns the n best paths by A*, each from the beginning to the end.
func (s *segmentation) best(n int) [][]int32 {
	s.viterbi()
	var out [][]int32
	for a := (agenda{{node: 1}}); len(a) > 0; {
		top := a.pop()
		if top.node == 0 {
			var path []int32
			for p := top.next; p.node != 1; p = p.next {
				path = append(path, p.node)
			}
			if out = append(out, path); len(out) == n {
				break
			}
			continue
		}
		for _, l := range s.ends[s.nodes[top.node].pos] {
			a.push(&partial{l, top, s.nodes[l].sum + top.score, s.nodes[l].score + top.score})
		}
	}
	return out
}

// expect adds to expected, for each piece, how often it is in the text by its probability, times count.
func (s *segmentation) expect(count float64, expected []float64) {
	alpha, beta := make([]float64, len(s.nodes)), make([]float64, len(s.nodes))
	for pos := range s.begins {
		for _, r := range s.begins[pos] {
			for i, l := range s.ends[pos] {
				alpha[r] = logSumExp(alpha[r], s.nodes[l].score+alpha[l], i == 0)
			}
		}
	}
	for pos := len(s.begins) - 1; pos >= 0; pos-- {
		for _, l := range s.ends[pos] {
			for i, r := range s.begins[pos] {
				beta[l] = logSumExp(beta[l], s.nodes[r].score+beta[r], i == 0)
			}
		}
	}
	z := alpha[1]
	for k, n := range s.nodes[2:] {
		expected[n.id] += count * math.Exp(alpha[k+2]+n.score+beta[k+2]-z)
	}
}

// logSumExp is log(exp(x) + exp(y)), and y where it is the first of a sum.
func logSumExp(x, y float64, first bool) float64 {
	if first {
		return y
	}
	low, high := min(x, y), max(x, y)
	if high > low+50 {
		return high
	}
	return high + math.Log(math.Exp(low-high)+1)
}
