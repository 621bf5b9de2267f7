package tokenizer

import (
	"slices"
	"sort"
	"strings"
)

// byteTrie finds the tokens that a text begins with. Its nodes are numbers, the root 0.
type byteTrie struct {
	ids    []int32 // of the token that ends at a node, -1 for none
	edges  []int32 // where a node's edges begin; those of node i end where those of i+1 begin
	labels []byte  // of the edges, ascending within a node
	nodes  []int32 // that the edges lead to
	first  [256]int32
}

// newByteTrie makes a trie of tokens; their index is their id. Empty ones are left out.
func newByteTrie(tokens []string) *byteTrie {
	order := make([]int32, 0, len(tokens))
	for id, t := range tokens {
		if t != "" {
			order = append(order, int32(id))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(tokens[a], tokens[b]) })

	// breadth first: the edges of a node lie together, and nodes come in the order of their edges
	type part struct{ from, to, depth int32 } // the sorted tokens below a node
	t := &byteTrie{}
	queue := []part{{0, int32(len(order)), 0}}
	for i := 0; i < len(queue); i++ {
		p := queue[i]
		id := int32(-1)
		for p.from < p.to && len(tokens[order[p.from]]) == int(p.depth) {
			id = order[p.from]
			p.from++
		}
		t.ids = append(t.ids, id)
		t.edges = append(t.edges, int32(len(t.labels)))
		for from := p.from; from < p.to; {
			label := tokens[order[from]][p.depth]
			n := sort.Search(int(p.to-from), func(k int) bool { return tokens[order[int(from)+k]][p.depth] > label })
			t.labels = append(t.labels, label)
			t.nodes = append(t.nodes, int32(len(queue)))
			queue = append(queue, part{from, from + int32(n), p.depth + 1})
			from += int32(n)
		}
	}
	t.edges = append(t.edges, int32(len(t.labels)))
	for c := range t.first {
		t.first[c] = -1
	}
	for i := t.edges[0]; i < t.edges[1]; i++ {
		t.first[t.labels[i]] = t.nodes[i]
	}
	return t
}

// step returns the node that a label leads to from a node, -1 for none.
func (t *byteTrie) step(node int32, label byte) int32 {
	if node == 0 {
		return t.first[label]
	}
	from, to := t.edges[node], t.edges[node+1]
	for to-from > 8 {
		if half := (from + to) / 2; t.labels[half] > label {
			to = half
		} else {
			from = half
		}
	}
	for ; from < to; from++ {
		if t.labels[from] == label {
			return t.nodes[from]
		}
	}
	return -1
}
