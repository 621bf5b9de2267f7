package predict

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/softmax"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Candidate is a token that may stand in a blank.
type Candidate struct {
	Token       string // as a text
	ID          int32
	Probability float64 // among all tokens
}

// Blanks fills the mask tokens of texts, as "[MASK]". It gives for each text, for each of its mask tokens in their order, the
// likeliest tokens there, as many as most, the likeliest first. A text without a mask token, or of more tokens than a row
// holds, matches peft.ErrInput. The backbone is a masked language model.
func (p *Predictor) Blanks(ctx context.Context, sel peft.Selection, texts []string, most int) ([][][]Candidate, error) {
	p = p.now()
	if err := p.wants(ctx, sel, len(texts), "Blanks", maskedLM); err != nil {
		return nil, err
	}
	if most < 1 {
		return nil, seam.Inputf("most", "must be at least 1, is %d", most)
	}
	if err := checkTexts("texts", texts); err != nil {
		return nil, err
	}
	tok, err := p.tokenizer()
	if err != nil {
		return nil, err
	}
	limit, err := p.limit(sel, tok)
	if err != nil {
		return nil, err
	}
	rows, places, err := p.masked(ctx, tok, limit, texts)
	if err != nil {
		return nil, err
	}
	found := make([][]Candidate, len(rows))
	batches := p.batches(tok, rows, limit, p.options.batchSize(), false)
	err = p.run(ctx, sel, batches, func(b batch, outputs peft.Tensors) error {
		out, err := read(outputs, "logits")
		if err != nil {
			return err
		}
		for k, r := range b.rows {
			logits, err := out.row(k)
			if err != nil {
				return fmt.Errorf("input %d: %w", b.of[k], err)
			}
			found[r] = likeliest(tok, softmax.Of(logits), most)
		}
		return nil
	}, func(sel peft.Selection, b batch) (peft.Tensors, error) {
		at := make([]int32, b.size)
		for k, r := range filled(b.rows, b.size) {
			at[k] = places[r]
		}
		out, err := p.adapted.Run(ctx, columnLogits, sel, b.in, []*peft.Tensor{tensors.FromFlatDataAndDimensions(at, b.size)}, nil)
		if err != nil {
			return nil, err
		}
		return peft.Tensors{"logits": out[0]}, nil
	})
	if err != nil {
		return nil, err
	}
	out := make([][][]Candidate, len(texts))
	for r, row := range rows {
		out[row.of] = append(out[row.of], found[r])
	}
	return out, nil
}

// masked makes a row for each mask token of texts, and gives its place in the row.
func (p *Predictor) masked(ctx context.Context, tok tokenizer.Tokenizer, limit int, texts []string) (rows []tokenRow, places []int32, err error) {
	mask := tok.Special().Mask
	if mask < 0 {
		return nil, nil, modelf("its tokenizer has no mask token")
	}
	name, _ := tok.IDToToken(mask)
	encoded, err := encode(ctx, len(texts), func(i int) (*tokenizer.Encoding, error) { return tok.Encode(texts[i], cut(0)) })
	if err != nil {
		return nil, nil, err
	}
	for i, row := range encoded {
		if limit > 0 && row.Len() > limit {
			return nil, nil, seam.Inputf(fmt.Sprintf("texts[%d]", i), "has %d tokens, more than %d", row.Len(), limit)
		}
		before := len(rows)
		for j, id := range row.IDs {
			if id == mask {
				rows, places = append(rows, row), append(places, int32(j))
			}
		}
		if len(rows) == before {
			return nil, nil, seam.Inputf(fmt.Sprintf("texts[%d]", i), "has no %s", name)
		}
	}
	return rows, places, nil
}

// columnLogits gives the logits of one column of each row, [rows, vocabulary]: those of all would be many times as many.
var columnLogits = peft.Program{Key: "predict: logits of a column", Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
	logits, at := c.Forward(in)["logits"], extra[0]
	d := logits.Shape().Dimensions
	virtual := d[1] - in["input_ids"].Shape().Dimensions[1] // columns that an adapter's prompt put in front
	first := graph.MulScalar(graph.Iota(logits.Graph(), shapes.Make(dtypes.Int32, d[0]), 0), d[1])
	place := graph.Add(first, graph.AddScalar(at, virtual))
	return []*seam.Node{graph.Gather(graph.Reshape(logits, d[0]*d[1], d[2]), graph.InsertAxes(place, -1))}
}}

// likeliest gives the tokens of the highest probabilities, of equal ones those of the lower id first.
func likeliest(tok tokenizer.Tokenizer, probabilities []float64, most int) []Candidate {
	ids := make([]int, len(probabilities))
	for i := range ids {
		ids[i] = i
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	out := make([]Candidate, min(most, len(ids)))
	for k := range out {
		id := int32(ids[k])
		out[k] = Candidate{Token: tok.Decode([]int32{id}, false), ID: id, Probability: probabilities[id]}
	}
	return out
}
