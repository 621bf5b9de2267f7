package peft_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// TestNoBackwardBelowTheLowestSite counts the matrix products that gradients add to the forward pass, against a count
// by hand. In a block: out is output.dense, mid intermediate.dense, att attention.output.dense.
func TestNoBackwardBelowTheLowestSite(t *testing.T) {
	on := func(targets peft.Targets) *lora.Config { return &lora.Config{R: 4, Targets: targets} }
	for _, c := range []struct {
		name    string
		cfg     *lora.Config
		forward int // 2 blocks of 8, the pooler, the classifier, and 2 for each site
		added   int
	}{
		// To the pooler's output: classifier. There: A, B, and through B.
		{"pooler", on(peft.MatchRegexp(`bert\.pooler\.dense`)), 18 + 2, 1 + 3},
		// classifier, pooler, out, mid, att, probabilities, scores to queries. There: A, B, and through B.
		{"query of the last layer", on(peft.MatchRegexp(`.*layer\.1.*query`)), 18 + 2, 7 + 3},
		// classifier, pooler, out, mid, att; probabilities, values, scores to queries and to keys; the frozen query, key
		// and value; in the first layer out, mid, att, probabilities, scores to queries; there as above.
		{"query of the first layer", on(peft.MatchRegexp(`.*layer\.0.*query`)), 18 + 2, 5 + 4 + 3 + 5 + 3},
		// As before, but in the last layer A, B, through B and through A, twice; in the first layer also the values, and
		// A, B and through B, twice.
		{"query and value", on(peft.Match("query", "value")), 18 + 8, (5 + 4 + 3 + 8) + (6 + 6)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.attach("a", c.cfg)
			in := peft.Tensors{ // four rows: no hidden state has the shape of a weight
				"input_ids": tensors.FromFlatDataAndDimensions(ids(4*5), 4, 5), "labels": tensors.FromFlatDataAndDimensions(make([]int64, 4), 4),
			}
			var forward, both map[*graph.Node]bool
			built := 0
			p := peft.Program{Key: "count", Build: func(call *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
				loss := call.Loss(call.Forward(in))
				forward = products(loss)
				grads := call.Gradients(loss)
				both, built = products(append(grads, loss)...), len(productsAmong(loss.Graph().Nodes()))
				return append(grads, loss)
			}}
			_, err := s.Adapted.Run(t.Context(), p, s.All(), in, nil, nil)
			require.NoError(t, err)
			require.Len(t, forward, c.forward)
			require.Len(t, both, c.forward+c.added)
			require.Equal(t, c.forward+c.added, built, "the graph holds products that nobody needs")
			for n := range both {
				if !forward[n] {
					require.NotContains(t, frozenShapes(s), n.Shape().String(), "a gradient of a frozen weight is computed")
				}
			}
		})
	}
}

// productsAmong picks the matrix products.
func productsAmong(nodes []*graph.Node) []*graph.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *graph.Node) bool { return n.Type() != graph.NodeTypeDotGeneral })
}

// products collects the matrix products that nodes depend on.
func products(nodes ...*graph.Node) map[*graph.Node]bool {
	seen, out := map[*graph.Node]bool{}, map[*graph.Node]bool{}
	for len(nodes) > 0 {
		n := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		if n.Type() == graph.NodeTypeDotGeneral {
			out[n] = true
		}
		nodes = append(nodes, n.Inputs()...)
	}
	return out
}

// frozenShapes are the shapes of the backbone's weights.
func frozenShapes(s *scene) []string {
	var out []string
	for _, v := range s.b.Values() {
		if v.Rank() == 2 {
			out = append(out, v.Shape().String())
		}
	}
	return out
}

// TestGradientsAreOfAdaptersOnly: one for each trainable value, of its shape, and none for what is fed or frozen.
func TestGradientsAreOfAdaptersOnly(t *testing.T) {
	s := newScene(t)
	s.attach("a", withHead(small(4, 8, "query", "value")))
	_, grads, err := s.Gradients(t.Context(), s.All(), s.in)
	require.NoError(t, err)
	params, err := s.Trainable(s.All())
	require.NoError(t, err)
	require.Len(t, grads, 2*2*2+2)
	require.Len(t, params, len(grads))
	for i, p := range params {
		require.Equal(t, p.Value.Shape(), grads[i].Shape(), p.FileKey())
		require.Nil(t, p.Const)
	}
	_, _, err = s.Gradients(t.Context(), s.All(), s.x)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "labels")
}
