package predict

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/bits"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
)

// batch is a few rows for one forward pass.
type batch struct {
	in   peft.Tensors
	rows []int // what each row is, by its place among all rows; further rows of in only fill it up
	of   []int // the input that each row comes from
	size int   // rows of in
}

// forward runs batches with the selected adapters, each row with its own where the selection is by rows, and hands the
// outputs on. The context is looked at in front of each batch.
func (p *Predictor) forward(ctx context.Context, sel peft.Selection, batches iter.Seq2[batch, error], use func(batch, peft.Tensors) error) error {
	return p.run(ctx, sel, batches, use, func(sel peft.Selection, b batch) (peft.Tensors, error) {
		return p.adapted.Forward(ctx, sel, b.in)
	})
}

// run is forward with another program.
func (p *Predictor) run(ctx context.Context, sel peft.Selection, batches iter.Seq2[batch, error], use func(batch, peft.Tensors) error,
	program func(peft.Selection, batch) (peft.Tensors, error),
) error {
	done := 0
	for b, err := range batches {
		if err == nil {
			err = stopped(ctx, done)
		}
		if err != nil {
			return err
		}
		out, err := program(sel.PickRows(filled(b.of, b.size)), b)
		if err != nil {
			if stop := stopped(ctx, done); stop != nil {
				return stop
			}
			return err
		}
		err = use(b, out)
		for _, t := range out {
			_ = t.FinalizeAll() // gives memory back at once; what can't be freed now is collected later
		}
		if err != nil {
			return err
		}
		done += len(b.rows)
	}
	return nil
}

// stopped is the context's error, with how far it got.
func stopped(ctx context.Context, rows int) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("predicting stopped behind %d rows: %w", rows, err)
	}
	return nil
}

// filled repeats the last index until there are so many.
func filled(index []int, size int) []int {
	out := make([]int, size)
	for i := range out {
		out[i] = index[min(i, len(index)-1)]
	}
	return out
}

// fillTo is to how many rows n of them are filled up, at most most: a power of two.
func fillTo(n, most int) int { return min(1<<bits.Len(uint(n-1)), most) }

// output is an output of a forward pass on the host.
type output struct {
	name string
	flat []float32
	dims []int // the first one counts rows
}

// read copies an output to the host.
func read(out peft.Tensors, name string) (output, error) {
	t := out[name]
	if t == nil {
		return output{}, modelf("it gives no %q", name)
	}
	flat, err := tensors.CopyFlatData[float32](t)
	return output{name: name, flat: flat, dims: t.Shape().Dimensions}, err
}

// row gives the values of a row, which must be finite.
func (o output) row(i int) ([]float32, error) {
	n := len(o.flat) / o.dims[0]
	row := o.flat[i*n : (i+1)*n]
	for _, x := range row {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, modelf("its %s are not finite", o.name)
		}
	}
	return row, nil
}

// columns gives the columns of a row [columns, width] behind those that an adapter's prompt put in front, where the
// row's input had so many.
func (o output) columns(i, tokens int) ([][]float32, error) {
	row, err := o.row(i)
	if err != nil {
		return nil, err
	}
	width := 1
	if len(o.dims) > 2 {
		width = o.dims[2]
	}
	virtual := o.dims[1] - tokens
	if virtual < 0 {
		return nil, modelf("its %s have %d columns for %d tokens", o.name, o.dims[1], tokens)
	}
	out := make([][]float32, tokens)
	for j := range out {
		at := (virtual + j) * width
		out[j] = row[at : at+width]
	}
	return out, nil
}
