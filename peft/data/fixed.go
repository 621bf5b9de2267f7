package data

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Fixed is a [Source] that gives the same batch at every step. Use it to compare training steps with a reference
// implementation, or to see whether a model can learn one batch by heart.
type Fixed struct{ Batch Batch }

var _ Source = Fixed{}

// NumBatches gives the number of batches in an epoch, which is 1.
func (f Fixed) NumBatches() int { return 1 }

// Epoch gives the batch, or nothing if from is 1. A negative epoch, and a from other than 0 or 1, is [ErrOption].
func (f Fixed) Epoch(epoch, from int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if err := checkPlace(epoch, from, 1); err != nil {
			yield(Batch{}, err)
		} else if from == 0 {
			yield(f.Batch, nil)
		}
	}
}

// inputPrefix marks arguments in a file that holds results, too.
const inputPrefix = "in."

// Tensors reads a batch from a safetensors file whose tensors are named as the arguments of a forward pass ("input_ids",
// "attention_mask", "labels"). It is for batches that another program made.
//
// A file that holds results as well puts "in." in front of the arguments' names ("in.input_ids", "out.logits"); then only
// those are read. [ErrFormat] means that the file is damaged, that some names have a prefix and others have none, or that the attention mask has an
// unsuitable type; [ErrEmpty] that there are no arguments. Other errors are those of opening the file.
//
// Batch.Rows is the longest first axis of the tensors. Batch.Tokens counts the values of "attention_mask" that are not 0, or
// all of "input_ids" if there is no mask.
func Tensors(path string) (Fixed, error) {
	f, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Fixed{}, err
	}
	if err != nil {
		return Fixed{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer f.Close()
	names, prefix, err := arguments(f.Names())
	if err != nil {
		return Fixed{}, fmt.Errorf("%s: %w", path, err)
	}
	b := Batch{Tensors: make(map[string]*tensors.Tensor, len(names))}
	for _, name := range names {
		t, err := f.Tensor(prefix + name)
		if err != nil {
			return Fixed{}, err
		}
		b.Tensors[name] = t
		if t.Rank() > 0 {
			b.Rows = max(b.Rows, t.Shape().Dimensions[0])
		}
	}
	if b.Tokens, err = countTokens(b.Tensors); err != nil {
		return Fixed{}, fmt.Errorf("%s: %w", path, err)
	}
	return Fixed{b}, nil
}

// arguments picks the names of arguments out of those of a file, without their prefix.
func arguments(all []string) (names []string, prefix string, err error) {
	for _, name := range all {
		if short, ok := strings.CutPrefix(name, inputPrefix); ok {
			names, prefix = append(names, short), inputPrefix
		}
	}
	if prefix == "" {
		names = all
	}
	for _, name := range all {
		if prefix != "" && !strings.Contains(name, ".") {
			return nil, "", faultf(ErrFormat, "tensor %q stands beside %q: write %q before all arguments or none",
				name, prefix+names[0], prefix)
		}
	}
	if len(names) == 0 {
		return nil, "", ErrEmpty
	}
	return names, prefix, nil
}

// countTokens sums the mask.
func countTokens(in map[string]*tensors.Tensor) (int, error) {
	mask := in["attention_mask"]
	if mask == nil {
		if ids := in["input_ids"]; ids != nil {
			return ids.Size(), nil
		}
		return 0, nil
	}
	known, count := true, 0
	err := mask.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []int64:
			count = nonzero(v)
		case []int32:
			count = nonzero(v)
		case []float32:
			count = nonzero(v)
		case []bool:
			count = nonzero(v)
		default:
			known = false
		}
	})
	if err == nil && !known {
		err = faultf(ErrFormat, "attention_mask holds %s, want int64, int32, float32 or bool", mask.DType())
	}
	return count, err
}

func nonzero[T comparable](values []T) (n int) {
	var zero T
	for _, v := range values {
		if v != zero {
			n++
		}
	}
	return n
}
