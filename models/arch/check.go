package arch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/peft/seam"
)

// Ints gives a copy of an argument's integers, row by row. An argument of another dtype than int32 or int64 is
// seam.ErrInput, which says name.
func Ints(name string, t *seam.Tensor) ([]int64, error) {
	var out []int64
	err := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []int64:
			out = append(out, v...)
		case []int32:
			for _, x := range v {
				out = append(out, int64(x))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if out == nil && t.Size() > 0 {
		return nil, seam.Inputf(name, "holds %s, want int32 or int64", t.DType())
	}
	return out, nil
}

// Within checks that each integer of an argument is from 0 to limit-1, or one of the ignored ones. An argument that is not
// there passes. Errors match seam.ErrInput.
func Within(in seam.Tensors, name string, limit int, ignored ...int64) error {
	t := in[name]
	if t == nil {
		return nil
	}
	values, err := Ints(name, t)
	if err != nil {
		return err
	}
	for i, v := range values {
		if (v < 0 || v >= int64(limit)) && !slices.Contains(ignored, v) {
			return seam.Inputf(name, "value %d at %d is outside 0..%d", v, i, limit-1)
		}
	}
	return nil
}

// Shaped checks that an argument has this shape. One that is not there passes. Errors match seam.ErrInput.
func Shaped(in seam.Tensors, name string, shape ...int) error {
	if t := in[name]; t != nil && !slices.Equal(t.Shape().Dimensions, shape) {
		return seam.Inputf(name, "has shape %v, want %v", t.Shape().Dimensions, shape)
	}
	return nil
}

// Known checks that all arguments are among these names, which the model reads, and hold a tensor. Errors match
// seam.ErrInput.
func Known(in seam.Tensors, names ...string) error {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		switch {
		case !slices.Contains(names, name):
			return seam.Inputf(name, "is no argument of this model: known are %s", strings.Join(names, ", "))
		case in[name] == nil:
			return seam.Inputf(name, "is nil: leave out what is not given")
		case !in[name].Shape().Ok(): // Tensor.Ok would look at it without its lock
			return seam.Inputf(name, "was finalized: its memory is gone")
		}
	}
	return nil
}

// Tokens checks the arguments of a model of texts and gives their shape: "input_ids" [batch, sequence] below vocab,
// "attention_mask" and "token_type_ids" of the same shape where they are there. The sequence and an adapter's virtual
// tokens together must fit into so many positions. Errors match seam.ErrInput.
func Tokens(in seam.Tensors, vocab, positions, virtual int) (batch, seq int, err error) {
	batch, seq, err = tokenIDs(in, "input_ids", vocab, positions, virtual)
	if err == nil {
		err = checkMask(in, "attention_mask", batch, seq)
	}
	if err == nil {
		err = Shaped(in, "token_type_ids", batch, seq)
	}
	return batch, seq, err
}

// tokenIDs checks an argument of token ids [batch, sequence] and gives its shape.
func tokenIDs(in seam.Tensors, name string, vocab, positions, virtual int) (batch, seq int, err error) {
	ids := in[name]
	if ids == nil {
		return 0, 0, seam.Inputf(name, "are missing")
	}
	if ids.Rank() != 2 || ids.Size() == 0 {
		return 0, 0, seam.Inputf(name, "have shape %v, want [batch, sequence]", ids.Shape().Dimensions)
	}
	batch, seq = ids.Shape().Dimensions[0], ids.Shape().Dimensions[1]
	return batch, seq, cmp.Or(room(name, seq, positions, virtual), Within(in, name, vocab))
}

// room checks that a sequence and an adapter's virtual tokens have positions.
func room(name string, seq, positions, virtual int) error {
	if seq+virtual <= positions {
		return nil
	}
	extra := ""
	if virtual > 0 {
		extra = fmt.Sprintf(" and %d virtual ones", virtual)
	}
	return seam.Inputf(name, "%d tokens%s are more than the backbone's %d positions", seq, extra, positions)
}

// checkMask checks a mask of 0 and 1, or of booleans, [batch, sequence].
func checkMask(in seam.Tensors, name string, batch, seq int) error {
	if err := Shaped(in, name, batch, seq); err != nil || in[name] == nil || in[name].DType() == dtypes.Bool {
		return err
	}
	return Within(in, name, 2)
}

// Pixels checks the argument of a model of images, "pixel_values" [batch, channels, height, width] of floats, and gives the
// number of images. A height or width of 0 allows any. Errors match seam.ErrInput.
func Pixels(in seam.Tensors, channels, height, width int) (batch int, err error) {
	pixels := in["pixel_values"]
	if pixels == nil {
		return 0, seam.Inputf("pixel_values", "are missing")
	}
	if pixels.Rank() != 4 || pixels.Size() == 0 {
		return 0, seam.Inputf("pixel_values", "have shape %v, want [batch, channels, height, width]", pixels.Shape().Dimensions)
	}
	d := pixels.Shape().Dimensions
	if err := Shaped(in, "pixel_values", d[0], channels, cmp.Or(height, d[2]), cmp.Or(width, d[3])); err != nil {
		return 0, err
	}
	if !pixels.DType().IsFloat() {
		return 0, seam.Inputf("pixel_values", "hold %s, want floats: scale and normalise them first", pixels.DType())
	}
	return d[0], nil
}
