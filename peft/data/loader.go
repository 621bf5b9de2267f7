package data

import (
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/seeded"
)

// IgnoreIndex is the value in "labels" that losses and metrics leave out, -100 as in PyTorch.
const IgnoreIndex = -100

// Source provides the batches of a training run, epoch by epoch. [Loader] and [Fixed] are sources; implement it for data that
// is made or read in another way.
type Source interface {
	// NumBatches gives the number of batches in an epoch, at least 1.
	NumBatches() int
	// Epoch gives the batches of an epoch, starting with the batch of index from. Both are counted from 0. The batches must
	// depend on these two numbers only, so that an interrupted run can be resumed with the batches that it would have seen.
	// An error is the last value. Batches may share tensors, so they must not be changed, donated or freed.
	Epoch(epoch, from int) iter.Seq2[Batch, error]
}

// Loader is a [Source] that makes batches of labelled texts. It never changes, so several goroutines may use it at once.
type Loader struct {
	examples []Example
	options  Options
	classes  []int32   // of Classification, by example
	numbers  []float32 // of Regression, by example
}

var _ Source = (*Loader)(nil)

// NewLoader makes a loader for examples. It keeps the slice, which must not be changed afterwards. If any example has a Pair,
// all are encoded as pairs.
//
// All labels are checked here, so that a bad one does not stop a run in the middle: it is an [*ExampleError] that matches
// [ErrLabel]. No examples are [ErrEmpty], settings that can't be used [ErrOption].
func NewLoader(examples []Example, o Options) (*Loader, error) {
	if len(examples) == 0 {
		return nil, ErrEmpty
	}
	if o.BatchSize < 0 {
		return nil, faultf(ErrOption, "BatchSize: %d is negative", o.BatchSize)
	}
	if o.BatchSize == 0 {
		o.BatchSize = 8
	}
	if o.Target == Continuing {
		if err := o.Encoder.checkSingle(examples); err != nil {
			return nil, err
		}
	}
	o.Encoder.Pairs = o.Encoder.Pairs || slices.ContainsFunc(examples, func(ex Example) bool { return ex.Pair != "" })
	if err := o.Encoder.check(); err != nil {
		return nil, err
	}
	l := &Loader{examples: examples, options: o}
	if err := l.readLabels(); err != nil {
		return nil, err
	}
	return l, nil
}

// Len gives the number of examples.
func (l *Loader) Len() int { return len(l.examples) }

// NumBatches gives the number of batches in an epoch; 0 for a zero Loader, which has no examples.
func (l *Loader) NumBatches() int {
	if l.options.BatchSize == 0 { // NewLoader sets it
		return 0
	}
	return (len(l.examples) + l.options.BatchSize - 1) / l.options.BatchSize
}

// Epoch gives the batches of an epoch, starting with the batch of index from, as [Source] says; if from is
// [Loader.NumBatches], there are none. Texts are tokenized as the loop gets to them, so an error of [Encoder.Encode] takes
// the place of its batch and ends the epoch. An epoch or batch that does not exist is [ErrOption]. Every batch has its own
// tensors.
func (l *Loader) Epoch(epoch, from int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if err := checkPlace(epoch, from, l.NumBatches()); err != nil {
			yield(Batch{}, err)
			return
		}
		order := l.order(epoch)
		for size := l.options.BatchSize; from*size < len(order); from++ {
			b, err := l.batch(order[from*size : min((from+1)*size, len(order))])
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func (l *Loader) order(epoch int) []int {
	if l.options.Shuffle {
		return seeded.Order(len(l.examples), l.options.Seed, epoch)
	}
	order := make([]int, len(l.examples))
	for i := range order {
		order[i] = i
	}
	return order
}

// batch makes the batch of the examples with these numbers.
func (l *Loader) batch(numbers []int) (Batch, error) {
	o := l.options
	examples := make([]Example, len(numbers))
	for i, n := range numbers {
		examples[i] = l.examples[n]
	}
	rows := o.BatchSize
	if o.SmallLast || o.Target == Regression {
		rows = len(numbers)
	}
	at := func(i int) string { return place(l.examples, numbers[i]) }
	if o.Target == Continuing {
		return o.Encoder.continuing(examples, rows, at)
	}
	b, err := o.Encoder.encode(examples, rows, at)
	if err != nil {
		return Batch{}, err
	}
	switch o.Target {
	case Classification:
		b.Tensors["labels"] = tensors.FromFlatDataAndDimensions(pick(l.classes, numbers, rows, IgnoreIndex), rows)
	case Regression:
		b.Tensors["labels"] = tensors.FromFlatDataAndDimensions(pick(l.numbers, numbers, rows, 0), rows)
	case Writing:
		b.Tensors["labels"], err = o.Encoder.targets(examples, rows, at)
	}
	return b, err
}

// pick gives the values with these numbers, filled up to a length.
func pick[T any](values []T, numbers []int, length int, fill T) []T {
	picked := make([]T, length)
	for i := range picked {
		picked[i] = fill
		if i < len(numbers) {
			picked[i] = values[numbers[i]]
		}
	}
	return picked
}

// checkPlace looks at the place in a run where an epoch is to begin.
func checkPlace(epoch, from, batches int) error {
	if epoch < 0 {
		return faultf(ErrOption, "epoch %d is negative", epoch)
	}
	if from < 0 || from > batches {
		return faultf(ErrOption, "batch %d is none of an epoch's 0..%d", from, batches-1)
	}
	return nil
}
