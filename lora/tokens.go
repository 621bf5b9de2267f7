package lora

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Tokens names tokens whose embeddings train as a whole, beside what LoRA does: by [TokenIDs] for the input
// embeddings, or by [TokenIDsOf] for several modules. An output layer that shares its weight with the embeddings gets
// the same rows. The zero value names none.
type Tokens struct {
	ids    []int
	byName map[string][]int
}

// TokenIDs names tokens of the input embeddings by their ids. Ids outside the vocabulary are refused when the config
// is attached.
func TokenIDs(ids ...int) Tokens { return Tokens{ids: append([]int{}, ids...)} }

// TokenIDsOf names tokens for each of several embeddings, each given by the end of its path.
func TokenIDsOf(byName map[string][]int) Tokens { return Tokens{byName: maps.Clone(byName)} }

// UnmarshalJSON reads a list, an object of lists or null.
func (t *Tokens) UnmarshalJSON(raw []byte) error {
	*t = Tokens{}
	if json.Unmarshal(raw, &t.ids) == nil {
		return nil
	}
	t.ids = nil
	if json.Unmarshal(raw, &t.byName) != nil {
		return fmt.Errorf("want a list of ids, an object of such lists or null")
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (t Tokens) MarshalJSON() ([]byte, error) {
	if t.byName != nil {
		return json.Marshal(t.byName)
	}
	return json.Marshal(t.ids)
}

// Names of a site's values: the rows themselves, and whose they are.
const nameRows, nameTokens = "token_adapter.trainable_tokens_delta", "token_adapter.tokens"

// plan adds the embeddings whose rows train, and all that shares their weight, as HF PEFT ties it. The rows are kept under
// the module that the weight belongs to.
func (t Tokens) plan(b *seam.Blueprint, c *Config, plan *seam.Plan) error {
	byName := t.byName
	if t.ids != nil {
		for _, s := range b.Sites {
			if s.Kind == seam.Embedding && s.Role == "embedding" {
				byName = map[string][]int{b.Owner(s.Path): t.ids}
			}
		}
	}
	if byName == nil && t.ids != nil {
		return seam.Fieldf(fieldTokens, "this backbone has no token embeddings")
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		s, near := findRows(b, name)
		if s == nil {
			return &seam.TargetError{Field: fieldTokens, Name: name, Near: near}
		}
		owner := b.Owner(s.Path)
		sharing := b.TiedTo(owner)
		if owner == s.Path {
			sharing = append([]string{owner}, sharing...)
		}
		rows, width := s.In, s.Out
		if s.Kind == seam.Linear {
			rows, width = s.Out, s.In
		}
		ids, err := constIDs(byName[name], rows)
		if err != nil {
			return err
		}
		for _, path := range sharing {
			if slices.Contains(plan.Sites, path) {
				return seam.Fieldf(fieldTokens, "%s is adapted already", path)
			}
			plan.Sites = append(plan.Sites, path)
		}
		if slices.ContainsFunc(c.ModulesToSave, func(m string) bool { return strings.HasSuffix(owner, m) }) {
			return seam.Fieldf(fieldTokens, "%s is trained whole by modules_to_save", owner)
		}
		plan.Params = append(plan.Params,
			seam.Param{Site: owner, Name: nameRows, Shape: []int{len(ids), width}},
			seam.Param{Site: owner, Name: nameTokens, Shape: []int{len(ids)}, Const: ids, Fill: -1}) // no token's id
	}
	return nil
}

// findRows finds the embedding that a name means, by the module that its weight belongs to, and lists what there is.
func findRows(b *seam.Blueprint, name string) (found *seam.Site, have []string) {
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

const fieldTokens = "trainable_token_indices"

// constIDs checks ids and gives them in the type of an adapter's values, exact for any vocabulary.
func constIDs(ids []int, rows int) ([]float32, error) {
	if len(ids) == 0 {
		return nil, seam.Fieldf(fieldTokens, "names no token")
	}
	out := make([]float32, len(ids))
	for i, id := range ids {
		if id < 0 || id >= rows {
			return nil, seam.Fieldf(fieldTokens, "%d is outside 0..%d", id, rows-1)
		}
		if slices.Contains(ids[:i], id) {
			return nil, seam.Fieldf(fieldTokens, "%d stands twice", id)
		}
		out[i] = float32(id)
	}
	return out, nil
}

// startTokens takes the rows that train from the frozen weight of the module that they are kept under.
func startTokens(in *seam.Init, owner string) error {
	if in.Loaded() || !in.Has(owner, nameRows) {
		return nil
	}
	rows, err := in.Value(owner, nameRows)
	if err != nil {
		return err
	}
	ids, err := in.Value(owner, nameTokens)
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

// embedTokens puts trained rows in place of those that were looked up: y [batch, sequence, width].
func embedTokens(at *seam.At, ids, y *seam.Node) *seam.Node {
	rows, hit := at.ParamOf(at.Owner(), nameRows), hits(at, ids)
	found := graph.InsertAxes(graph.ReduceMax(hit, -1), -1)
	own := at.Dense(hit, at.Transpose(rows))
	return graph.Where(isOne(found, y), own, y)
}

// headTokens does the same for an output embedding, whose rows are columns of y [batch, sequence, count].
func headTokens(at *seam.At, x, y *seam.Node) *seam.Node {
	hit := hits(at, graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, at.Site.Out), 0)) // [count, tokens]
	own := at.Dense(at.Dense(x, at.ParamOf(at.Owner(), nameRows)), hit)
	if at.Has(at.Site.Path + ".bias") {
		own = graph.Add(own, at.Spread(at.Base("bias"), own))
	}
	return graph.Where(isOne(at.Spread(graph.ReduceMax(hit, -1), y), y), own, y)
}

// mergeTokens writes the rows into a weight [count, width].
func mergeTokens(at *seam.At, w *seam.Node) *seam.Node {
	rows := at.ParamOf(at.Owner(), nameRows)
	hit := hits(at, graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, w.Shape().Dimensions[0]), 0))
	own := graph.MatMul(hit, rows)
	return graph.Where(isOne(graph.InsertAxes(graph.ReduceMax(hit, -1), -1), w), own, w)
}

// hits is 1 where an id is the token of a row, else 0: [ids…, tokens], with the batch in front where values go by rows.
func hits(at *seam.At, ids *seam.Node) *seam.Node {
	tokens := graph.ConvertDType(at.ParamOf(at.Owner(), nameTokens), dtypes.Int32)
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
