package data

import (
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/seeded"
)

// IgnoreIndex is the label that a loss and a metric leave out, as in torch.
const IgnoreIndex = -100

// Source gives the batches of a run, epoch by epoch.
type Source interface {
	// NumBatches is the number of batches in an epoch, at least 1.
	NumBatches() int
	// Epoch gives the batches of an epoch, counted from 0, in order from batch number from on, so that a run goes
	// on where it stopped: they depend on the two numbers alone. An error comes once, as the last value. The tensors
	// of a batch may be those of another and must not be changed, donated or freed.
	Epoch(epoch, from int) iter.Seq2[Batch, error]
}

// Loader is a [Source] of batches from examples. It never changes: it may be used from many goroutines at once.
type Loader struct {
	examples []Example
	options  Options
	classes  []int32   // of Classification, by example
	numbers  []float32 // of Regression, by example
}

var _ Source = (*Loader)(nil)

// NewLoader makes a loader, which keeps the examples as they are: they must not be changed. Where any example has a
// Pair, all are encoded as pairs.
//
// Labels are checked here, so that a bad one does not stop a run at its step: [ErrLabel], with its place. No examples
// are [ErrEmpty]; settings that can't be used [ErrOption].
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
	if o.Task == Continuing {
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

// Len is the number of examples.
func (l *Loader) Len() int { return len(l.examples) }

// NumBatches is the number of batches in an epoch.
func (l *Loader) NumBatches() int {
	return (len(l.examples) + l.options.BatchSize - 1) / l.options.BatchSize
}

// Epoch gives the batches of an epoch from batch number from on, which at most is [Loader.NumBatches]; then there are
// none. Texts are encoded as they are asked for, so an error of [Encoder.Encode] comes in place of its batch and ends
// the epoch. Every batch has its own tensors.
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
	if o.KeepLast || o.Task == Regression {
		rows = len(numbers)
	}
	at := func(i int) string { return place(l.examples, numbers[i]) }
	if o.Task == Continuing {
		return o.Encoder.continuing(examples, rows, at)
	}
	b, err := o.Encoder.encode(examples, rows, at)
	if err != nil {
		return Batch{}, err
	}
	switch o.Task {
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
