// Package rows holds what methods share that train whole rows of embeddings: their plan, their first values, and what embeddings
// and the output layers that share their weight compute with them.
package rows

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Rows names the two values that a module with trained rows has: the rows themselves, and whose they are.
type Rows struct{ Values, Tokens string }

// Plan adds the rows of the module that s stands for, and all that shares its weight, as HF PEFT ties it. The rows are kept under the
// module that the weight belongs to. field is the config's key for the ids.
func (r Rows) Plan(b *seam.Blueprint, plan *seam.Plan, field string, s seam.Site, tokens []int) error {
	owner := b.Owner(s.Path)
	sharing := b.TiedTo(owner)
	if owner == s.Path {
		sharing = append([]string{owner}, sharing...)
	}
	count, width := s.In, s.Out
	if s.Kind == seam.Linear {
		count, width = s.Out, s.In
	}
	ids, err := constIDs(field, tokens, count)
	if err != nil {
		return err
	}
	for _, path := range sharing {
		if slices.Contains(plan.Sites, path) {
			return seam.Fieldf(field, "%s is adapted already", path)
		}
		plan.Sites = append(plan.Sites, path)
	}
	plan.Params = append(plan.Params,
		seam.Param{Site: owner, Name: r.Values, Shape: []int{len(ids), width}},
		seam.Param{Site: owner, Name: r.Tokens, Shape: []int{len(ids)}, Const: ids, Fill: -1}) // no token's id
	return nil
}

// Find finds the embedding that a name means, by the module that its weight belongs to, and lists what there is.
func Find(b *seam.Blueprint, name string) (found *seam.Site, have []string) {
	for i, s := range b.Sites {
		if s.Kind != seam.Embedding && !s.OutputEmbedding {
			continue
		}
		owner := b.Owner(s.Path)
		if !slices.Contains(have, owner) {
			have = append(have, owner)
		}
		if owner == name || strings.HasSuffix(owner, "."+name) {
			return &b.Sites[i], nil
		}
	}
	return nil, have
}

// constIDs checks ids and gives them in the type of an adapter's values, exact for any vocabulary.
func constIDs(field string, ids []int, rows int) ([]float32, error) {
	if len(ids) == 0 {
		return nil, seam.Fieldf(field, "names no token")
	}
	out := make([]float32, len(ids))
	for i, id := range ids {
		if id < 0 || id >= rows {
			return nil, seam.Fieldf(field, "%d is outside 0..%d", id, rows-1)
		}
		if slices.Contains(ids[:i], id) {
			return nil, seam.Fieldf(field, "%d stands twice", id)
		}
		out[i] = float32(id)
	}
	return out, nil
}

// Start takes the rows that train from the frozen weight of the module that they are kept under.
func (r Rows) Start(in *seam.Init, owner string) error {
	if in.Loaded() || !in.Has(owner, r.Values) {
		return nil
	}
	rows, err := in.Value(owner, r.Values)
	if err != nil {
		return err
	}
	ids, err := in.Value(owner, r.Tokens)
	if err != nil {
		return err
	}
	flat, shape, err := in.Frozen(owner + ".weight")
	if err != nil {
		return err
	}
	width := shape[1]
	for i, id := range ids {
		copy(rows[i*width:(i+1)*width], flat[int(id)*width:])
	}
	return nil
}

// Embed puts trained rows in place of those that were looked up: y [batch, sequence, width].
func (r Rows) Embed(at *seam.At, ids, y *seam.Node) *seam.Node {
	rows, hit := at.ParamOf(at.Owner(), r.Values), r.hits(at, ids)
	found := graph.InsertAxes(graph.ReduceMax(hit, -1), -1)
	own := at.Dense(hit, at.Transpose(rows))
	return graph.Where(isOne(found, y), own, y)
}

// Head does the same for an output embedding, whose rows are columns of y [batch, sequence, count].
func (r Rows) Head(at *seam.At, x, y *seam.Node) *seam.Node {
	hit := r.hits(at, graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, at.Site.Out), 0)) // [count, tokens]
	own := at.Dense(at.Dense(x, at.ParamOf(at.Owner(), r.Values)), hit)
	if at.Has(at.Site.Path + ".bias") {
		own = graph.Add(own, at.Spread(at.Base("bias"), own))
	}
	return graph.Where(isOne(at.Spread(graph.ReduceMax(hit, -1), y), y), own, y)
}

// Merge writes the rows into a weight [count, width].
func (r Rows) Merge(at *seam.At, w *seam.Node) *seam.Node {
	rows := at.ParamOf(at.Owner(), r.Values)
	hit := r.hits(at, graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, w.Shape().Dimensions[0]), 0))
	own := graph.MatMul(hit, rows)
	return graph.Where(isOne(graph.InsertAxes(graph.ReduceMax(hit, -1), -1), w), own, w)
}

// hits is 1 where an id is the token of a row, else 0: [ids…, tokens], with the batch in front where values go by rows.
func (r Rows) hits(at *seam.At, ids *seam.Node) *seam.Node {
	tokens := graph.ConvertDType(at.ParamOf(at.Owner(), r.Tokens), dtypes.Int32)
	ids = graph.InsertAxes(graph.ConvertDType(ids, dtypes.Int32), -1)
	if at.ByRow() {
		d := tokens.Shape().Dimensions
		tokens = graph.Reshape(tokens, d[0], 1, d[1])
		if ids.Rank() == 2 { // the same ids for all rows
			ids = graph.InsertAxes(ids, 0)
		}
	} else {
		tokens = graph.ExpandLeftToRank(tokens, ids.Rank())
	}
	shape := slices.Clone(ids.Shape().Dimensions)
	shape[0] = max(shape[0], tokens.Shape().Dimensions[0])
	shape[len(shape)-1] = tokens.Shape().Dimensions[tokens.Rank()-1]
	equal := graph.Equal(graph.BroadcastToDims(ids, shape...), graph.BroadcastToDims(tokens, shape...))
	return graph.ConvertDType(equal, dtypes.Float32)
}

// isOne turns marks of 0 and 1 into booleans of like's shape.
func isOne(mark, like *seam.Node) *seam.Node {
	return graph.BroadcastToDims(graph.GreaterThan(mark, graph.ZerosLike(mark)), like.Shape().Dimensions...)
}
