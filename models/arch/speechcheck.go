package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// Check implements seam.Model.
func (n *Speech) Check(in seam.Tensors, virtual int) error {
	if err := Known(in, append([]string{"input_values", "attention_mask"}, labelNames(n.About.Head)...)...); err != nil {
		return err
	}
	if virtual > 0 {
		return &seam.UnsupportedError{Option: "virtual tokens before a waveform's frames"}
	}
	wave := in["input_values"]
	switch {
	case wave == nil:
		return seam.Inputf("input_values", "are missing")
	case wave.Rank() != 2 || wave.Size() == 0:
		return seam.Inputf("input_values", "have shape %v, want [batch, samples]", wave.Shape().Dimensions)
	case !wave.DType().IsFloat():
		return seam.Inputf("input_values", "hold %s, want floats: normalise the waveform first", wave.DType())
	}
	batch, samples := wave.Shape().Dimensions[0], wave.Shape().Dimensions[1]
	if least := n.Features.Shortest(); samples < least {
		return seam.Inputf("input_values", "%d samples are fewer than the %d that one frame hears", samples, least)
	}
	if err := n.checkMask(in, batch, samples); err != nil {
		return err
	}
	return n.checkLabels(in["labels"], in, batch)
}

// checkMask wants ones and then zeros in each row: frames are counted from a row's start.
func (n *Speech) checkMask(in seam.Tensors, batch, samples int) error {
	t := in["attention_mask"]
	if t == nil {
		return nil
	}
	if err := Shaped(in, "attention_mask", batch, samples); err != nil {
		return err
	}
	set, err := maskValues(in, t)
	if err != nil {
		return err
	}
	for i := range batch {
		count := 0
		for j, on := range set[i*samples : (i+1)*samples] {
			if on && count < j {
				return seam.Inputf("attention_mask", "row %d has a sample at %d after padding: a waveform is padded behind its end", i, j)
			}
			if on {
				count++
			}
		}
		if least := n.Features.Shortest(); count < least {
			return seam.Inputf("attention_mask", "row %d has %d samples, fewer than the %d that one frame hears", i, count, least)
		}
	}
	return nil
}

// maskValues reads a mask of booleans, or of integers that are 0 or 1.
func maskValues(in seam.Tensors, t *seam.Tensor) ([]bool, error) {
	if t.DType() == dtypes.Bool {
		return tensors.CopyFlatData[bool](t)
	}
	if err := Within(in, "attention_mask", 2); err != nil {
		return nil, err
	}
	values, err := Ints("attention_mask", t)
	out := make([]bool, len(values))
	for i, v := range values {
		out[i] = v == 1
	}
	return out, err
}

func (n *Speech) checkLabels(t *seam.Tensor, in seam.Tensors, batch int) error {
	switch {
	case t == nil:
		return nil
	case n.About.Head == AudioClass:
		if err := Shaped(in, "labels", batch); err != nil {
			return err
		}
		return classIndices(in, len(n.About.Classes))
	case t.Rank() != 2 || t.Size() == 0 || t.Shape().Dimensions[0] != batch:
		return seam.Inputf("labels", "have shape %v, want [%d, count]", t.Shape().Dimensions, batch)
	}
	return Within(in, "labels", n.About.Vocab, IgnoreIndex)
}
