package data

import (
	"iter"

	"github.com/gomlx/gomlx/core/tensors"
)

// Take gives the first n batches of a source, epoch after epoch, as the arguments of a forward pass, without the rows that
// only fill a batch up: what peft.Calibrate measures. n below 1 gives those of one epoch.
func Take(src Source, n int) iter.Seq2[map[string]*tensors.Tensor, error] {
	return func(yield func(map[string]*tensors.Tensor, error) bool) {
		if src == nil || src.NumBatches() < 1 {
			yield(nil, ErrEmpty)
			return
		}
		if n < 1 {
			n = src.NumBatches()
		}
		for left, epoch := n, 0; left > 0; epoch++ {
			before := left
			for batch, err := range src.Epoch(epoch, 0) {
				var cut map[string]*tensors.Tensor
				if err == nil {
					cut, err = batch.examples()
				}
				if !yield(cut, err) || err != nil {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			if left == before { // it promised some
				yield(nil, ErrEmpty)
				return
			}
		}
	}
}

// examples gives the tensors of a batch without the rows that fill it up.
func (b Batch) examples() (map[string]*tensors.Tensor, error) {
	out := make(map[string]*tensors.Tensor, len(b.Tensors))
	for name, t := range b.Tensors {
		if t.Rank() == 0 || b.Rows <= 0 || t.Shape().Dimensions[0] <= b.Rows {
			out[name] = t
			continue
		}
		shape := t.Shape().Clone()
		shape.Dimensions[0] = b.Rows
		cut := tensors.FromShape(shape)
		var inner error
		err := t.ConstBytes(func(all []byte) {
			inner = cut.MutableBytes(func(to []byte) { copy(to, all) })
		})
		if err == nil {
			err = inner
		}
		if err != nil {
			return nil, err
		}
		out[name] = cut
	}
	return out, nil
}
