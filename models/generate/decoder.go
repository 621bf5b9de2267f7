package generate

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// decoder runs a backbone step by step. What it keeps between steps stays on the device.
type decoder struct {
	adapted *peft.Adapted
	sel     peft.Selection
	prompts Batch
	target  bool // whether an encoder reads the prompts, and the decoder a target
	columns int  // that the decoder will read in all
	room    int  // columns that the backbone has positions for
	rereads int  // see peft.Info

	past, memory []*peft.Tensor
}

// bucket rounds a number of columns up, so that few programs are compiled: to a multiple of 32, beyond 256 to one of an
// eighth of the power of two below.
func bucket(columns, most int) int {
	unit := 32
	for unit*8 < columns {
		unit *= 2
	}
	return min((columns+unit-1)/unit*unit, most)
}

// first reads the prompts and, where an encoder does, the rows that begin the target. It gives the scores of the tokens
// behind them.
func (d *decoder) first(ctx context.Context, rows []history) ([][]float32, error) {
	width := len(d.prompts.IDs[0])
	length, capacity, padding := width, bucket(d.columns, d.room), bucket(width, d.room)
	in := peft.Tensors{"input_ids": padded(d.prompts.IDs, padding), "attention_mask": padded(d.prompts.Mask, padding)}
	for name, numbers := range d.prompts.Arguments {
		in[name] = tensors.FromFlatDataAndDimensions(numbers, len(numbers))
	}
	if d.target {
		begin := make([][]int32, len(rows))
		for i, row := range rows {
			begin[i] = row.ids
		}
		length = len(begin[0])
		in["decoder_input_ids"] = padded(begin, length)
	}
	p := peft.Program{
		Key: fmt.Sprintf("generate first %d", capacity),
		Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
			c.Decode(seam.Decoding{Capacity: capacity, Length: extra[0]})
			logits := c.Forward(in)["logits"]
			past, memory := c.Kept()
			count := graph.Scalar(c.Graph(), dtypes.Int32, len(past)) // a later run has no other way to know
			return slices.Concat([]*seam.Node{logits, count}, past, memory)
		},
	}
	out, err := d.adapted.Run(ctx, p, d.sel, in, []*peft.Tensor{tensors.FromScalar(int32(length))}, nil)
	if err != nil {
		return nil, err
	}
	past := int(tensors.ToScalar[int32](out[1]))
	d.past, d.memory = out[2:2+past], out[2+past:]
	return scores(out[0])
}

// next reads the last token of each row and gives the scores of those behind it. from, where it is not nil, says whose past
// each row goes on from.
func (d *decoder) next(ctx context.Context, rows []history, from []int32) ([][]float32, error) {
	if d.rereads > 0 && len(rows[0].ids) == d.rereads+1 {
		return d.again(ctx, rows)
	}
	tokens := make([]int32, len(rows))
	for i, row := range rows {
		tokens[i] = row.ids[len(row.ids)-1]
	}
	extra := slices.Concat(d.past, d.memory, []*peft.Tensor{tensors.FromFlatDataAndDimensions(tokens, len(tokens), 1)})
	if from != nil {
		extra = append(extra, tensors.FromFlatDataAndDimensions(from, len(from)))
	}
	past, all, moved, argument := len(d.past), len(d.past)+len(d.memory), from != nil, "input_ids"
	if d.target {
		argument = "decoder_input_ids"
	}
	p := peft.Program{
		Key: fmt.Sprintf("generate next %d %d %t", past, all, moved),
		Build: func(c *seam.Call, _ seam.Nodes, extra []*seam.Node) []*seam.Node {
			step := seam.Decoding{Past: extra[:past], Memory: extra[past:all]}
			if moved {
				step.Rows = extra[all+1]
			}
			c.Decode(step)
			logits := c.Forward(seam.Nodes{argument: extra[all]})["logits"]
			past, _ := c.Kept()
			return append([]*seam.Node{logits}, past...)
		},
	}
	out, err := d.adapted.Run(ctx, p, d.sel, nil, extra, nil) // tokens are the vocabulary's: there is nothing to check
	if err != nil {
		return nil, err
	}
	free(d.past)
	d.past = out[1:]
	return scores(out[0])
}

// again reads whole rows.
func (d *decoder) again(ctx context.Context, rows []history) ([][]float32, error) {
	d.close()
	whole := Batch{Arguments: d.prompts.Arguments}
	for i, row := range rows {
		mask := slices.Clone(d.prompts.Mask[i])
		for len(mask) < len(row.ids) {
			mask = append(mask, 1)
		}
		whole.IDs, whole.Mask = append(whole.IDs, row.ids), append(whole.Mask, mask)
	}
	d.prompts = whole
	return d.first(ctx, rows)
}

// close frees what is kept.
func (d *decoder) close() {
	free(d.past)
	free(d.memory)
	d.past, d.memory = nil, nil
}

// free gives memory back at once. That of a closed engine is gone already, so an error means nothing here.
func free(list []*peft.Tensor) {
	for _, t := range list {
		_ = t.FinalizeAll()
	}
}

// padded makes a tensor of rows, with zeros behind them up to a width.
func padded(rows [][]int32, width int) *peft.Tensor {
	flat := make([]int32, len(rows)*width)
	for i, row := range rows {
		copy(flat[i*width:], row)
	}
	return tensors.FromFlatDataAndDimensions(flat, len(rows), width)
}

// scores copies logits [batch, 1, vocabulary] to the host.
func scores(logits *peft.Tensor) ([][]float32, error) {
	dims := logits.Shape().Dimensions
	out := make([][]float32, dims[0])
	err := logits.ConstFlatData(func(flat any) {
		all := append([]float32{}, flat.([]float32)...)
		for i := range out {
			out[i] = all[i*dims[2] : (i+1)*dims[2]]
		}
	})
	free([]*peft.Tensor{logits})
	return out, err
}
