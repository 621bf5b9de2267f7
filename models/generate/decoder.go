package generate

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
)

// decoder runs a backbone step by step. What it keeps between steps stays on the device.
type decoder struct {
	adapted      *peft.Adapted
	sel          peft.Selection
	capacity     int // columns of tokens
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

// forward is what a step computes: Kept behind the last column's logits.
func forward(c *peft.Call, in peft.Nodes) []*peft.Node {
	logits := c.Forward(in)["logits"]
	past, memory := c.Kept()
	return append(append([]*peft.Node{logits}, past...), memory...)
}

// first reads prompts of one length and gives the scores of the tokens behind them. Columns in all are at most most.
func (d *decoder) first(ctx context.Context, b Batch, columns, most int) ([][]float32, error) {
	length := len(b.IDs[0])
	d.capacity = bucket(columns, most)
	width := bucket(length, d.capacity)
	in := peft.Tensors{"input_ids": padded(b.IDs, width), "attention_mask": padded(b.Mask, width)}
	capacity := d.capacity
	p := peft.Program{
		Key: fmt.Sprintf("generate first %d", capacity),
		Build: func(c *peft.Call, in peft.Nodes, extra []*peft.Node) []*peft.Node {
			c.Decode(peft.Decoding{Capacity: capacity, Length: extra[0]})
			return forward(c, in)
		},
	}
	out, err := d.adapted.Run(ctx, p, d.sel, in, []*peft.Tensor{tensors.FromScalar(int32(length))}, nil)
	if err != nil {
		return nil, err
	}
	d.past = out[1:]
	return scores(out[0])
}

// next reads one more token of each row and gives the scores of those behind it. rows, where it is not nil, says whose
// past each row goes on from.
func (d *decoder) next(ctx context.Context, tokens, rows []int32) ([][]float32, error) {
	in := peft.Tensors{"input_ids": tensors.FromFlatDataAndDimensions(tokens, len(tokens), 1)}
	extra := append(append([]*peft.Tensor{}, d.past...), d.memory...)
	if rows != nil {
		extra = append(extra, tensors.FromFlatDataAndDimensions(rows, len(rows)))
	}
	past, memory, moved := len(d.past), len(d.memory), rows != nil
	p := peft.Program{
		Key: fmt.Sprintf("generate next %d %d %t", past, memory, moved),
		Build: func(c *peft.Call, in peft.Nodes, extra []*peft.Node) []*peft.Node {
			step := peft.Decoding{Past: extra[:past], Memory: extra[past : past+memory]}
			if moved {
				step.Rows = extra[past+memory]
			}
			c.Decode(step)
			return forward(c, in)
		},
	}
	out, err := d.adapted.Run(ctx, p, d.sel, in, extra, nil)
	if err != nil {
		return nil, err
	}
	free(d.past)
	d.past = out[1:]
	return scores(out[0])
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
