package predict

import (
	"context"
	"fmt"
	"image"
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

func (in Images) batches(_ context.Context, p *Predictor, _ peft.Selection) (iter.Seq2[batch, error], error) {
	return p.imageBatches(len(in), func(i int) (image.Image, error) {
		if in[i] == nil {
			return nil, seam.Inputf("image", "is nil")
		}
		return in[i], nil
	})
}

func (in ImageFiles) batches(_ context.Context, p *Predictor, _ peft.Selection) (iter.Seq2[batch, error], error) {
	return p.imageBatches(len(in), func(i int) (image.Image, error) { return preprocess.ReadImage(in[i]) })
}

// imageBatches makes batches of images in their order, a part at a time. Where the processor leaves them sizes of their
// own, those of a batch are of one size.
func (p *Predictor) imageBatches(n int, open func(i int) (image.Image, error)) (iter.Seq2[batch, error], error) {
	processor, err := p.images()
	if err != nil {
		return nil, err
	}
	most := p.options.batchSize()
	return func(yield func(batch, error) bool) {
		for from := 0; from < n; from += most {
			var parts []part
			for i := from; i < min(from+most, n); i++ {
				img, err := open(i)
				var in peft.Tensors
				if err == nil {
					in, err = processor.Process(img)
				}
				if err != nil {
					yield(batch{}, fmt.Errorf("input %d: %w", i, err))
					return
				}
				parts = append(parts, part{of: i, name: "pixel_values", value: in["pixel_values"]})
			}
			for _, group := range bySize(parts) {
				b, err := joined(group, most)
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}, nil
}

// part is one row of an argument, [1, …].
type part struct {
	of    int
	name  string
	value *peft.Tensor
}

// bySize puts rows of one shape together, in their order.
func bySize(parts []part) [][]part {
	var out [][]part
	for _, x := range parts {
		i := slices.IndexFunc(out, func(group []part) bool { return group[0].value.Shape().Equal(x.value.Shape()) })
		if i < 0 {
			i, out = len(out), append(out, nil)
		}
		out[i] = append(out[i], x)
	}
	return out
}

// joined makes a batch of rows of one shape.
func joined(parts []part, most int) (batch, error) {
	b := batch{size: fillTo(len(parts), most)}
	var flat []float32
	for k := range b.size {
		row, err := tensors.CopyFlatData[float32](parts[min(k, len(parts)-1)].value)
		if err != nil {
			return b, err
		}
		flat = append(flat, row...)
	}
	for _, x := range parts {
		b.rows, b.of = append(b.rows, x.of), append(b.of, x.of)
	}
	dims := slices.Clone(parts[0].value.Shape().Dimensions)
	dims[0] = b.size
	b.in = peft.Tensors{parts[0].name: tensors.FromFlatDataAndDimensions(flat, dims...)}
	return b, nil
}
