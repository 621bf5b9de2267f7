package data_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/peft/data"
)

// numbered gives n examples of classes 0..n-1; class i has a text of i%3 + 3 tokens.
func numbered(n int) []data.Example {
	examples := make([]data.Example, n)
	for i := range examples {
		examples[i] = data.Example{Text: letters(i%3 + 3), Label: data.IntegerLabel(int64(i))}
	}
	return examples
}

func classes(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint(i))
	}
	return names
}

func collect(t *testing.T, s data.Source, epoch, from int) (batches []data.Batch) {
	for b, err := range s.Epoch(epoch, from) {
		require.NoError(t, err)
		batches = append(batches, b)
	}
	return batches
}

func sum[T int32 | int64](mask []T) (total T) {
	for _, x := range mask {
		total += x
	}
	return total
}

// values are a batch's tensors as slices, to be compared.
func values(b data.Batch) map[string]any {
	out := map[string]any{}
	for name, t := range b.Tensors {
		out[name] = t.Value()
	}
	return out
}

func TestLoader(t *testing.T) {
	l, err := data.NewLoader(numbered(10), data.Options{
		Encoder: data.Encoder{Tokenizer: wordpiece(t)}, BatchSize: 4,
		Target: data.Classification, Classes: classes(10), Shuffle: true, Seed: 5,
	})
	require.NoError(t, err)
	require.Equal(t, 10, l.Len())
	require.Equal(t, 3, l.NumBatches())
	for epoch := range 3 {
		batches := collect(t, l, epoch, 0)
		require.Len(t, batches, 3)
		var labels []int
		for i, b := range batches {
			require.Equal(t, []int{4, 4, 2}[i], b.Rows)
			require.Equal(t, []int{4, 16}, b.Tensors["input_ids"].Shape().Dimensions)
			row := b.Tensors["labels"].Value().([]int32)
			require.Len(t, row, 4)
			tokens := 0
			for j, mask := range b.Tensors["attention_mask"].Value().([][]int32) {
				if j >= b.Rows {
					require.EqualValues(t, data.IgnoreIndex, row[j])
					continue
				}
				labels = append(labels, int(row[j]))
				// The text goes with its label: the longer ones have more tokens.
				require.Equal(t, row[j]%3+3, sum(mask))
				tokens += int(row[j]%3 + 3)
			}
			require.Equal(t, tokens, b.Tokens)
		}
		require.Equal(t, seeded.Order(10, 5, epoch), labels)

		// A run that goes on in the middle of the epoch sees the same batches.
		for from := range 4 {
			rest := collect(t, l, epoch, from)
			require.Len(t, rest, 3-from)
			for i, b := range rest {
				require.Equal(t, values(batches[from+i]), values(b))
			}
		}
	}
}

func TestLoaderInOrder(t *testing.T) {
	l, err := data.NewLoader(numbered(10), data.Options{
		Encoder: data.Encoder{Tokenizer: wordpiece(t)}, Target: data.Classification, Classes: classes(10), SmallLast: true,
	})
	require.NoError(t, err)
	batches := collect(t, l, 6, 0)
	require.Len(t, batches, 2)
	require.Equal(t, []int32{0, 1, 2, 3, 4, 5, 6, 7}, batches[0].Tensors["labels"].Value())
	require.Equal(t, []int32{8, 9}, batches[1].Tensors["labels"].Value())
	for range l.Epoch(0, 0) {
		break // leaving early ends the epoch
	}
}

func TestLoaderRegression(t *testing.T) {
	examples := labelled(1, 2.5, -3)
	l, err := data.NewLoader(examples, data.Options{
		Encoder: data.Encoder{Tokenizer: wordpiece(t)}, BatchSize: 2, Target: data.Regression,
	})
	require.NoError(t, err)
	batches := collect(t, l, 0, 0)
	require.Equal(t, []float32{1, 2.5}, batches[0].Tensors["labels"].Value())
	require.Equal(t, []float32{-3}, batches[1].Tensors["labels"].Value(), "numbers can't be ignored")
}

func TestLoaderUnlabelled(t *testing.T) {
	l, err := data.NewLoader(labelled(nil, "x", 1), data.Options{Encoder: data.Encoder{Tokenizer: wordpiece(t)}})
	require.NoError(t, err)
	b := collect(t, l, 0, 0)[0]
	require.NotContains(t, b.Tensors, "labels")
	require.Equal(t, 3, b.Rows)
	require.Equal(t, []int{8, 16}, b.Tensors["input_ids"].Shape().Dimensions)
}

// One pair makes a set of pairs: each text gets a second separator, in whichever batch.
func TestLoaderPairs(t *testing.T) {
	examples := []data.Example{{Text: "a"}, {Text: "a", Pair: "a"}}
	l, err := data.NewLoader(examples, data.Options{Encoder: data.Encoder{Tokenizer: wordpiece(t)}, BatchSize: 1})
	require.NoError(t, err)
	batches := collect(t, l, 0, 0)
	require.Equal(t, 4, batches[0].Tokens)
	require.Equal(t, 5, batches[1].Tokens)

	l, err = data.NewLoader(examples[:1], data.Options{Encoder: data.Encoder{Tokenizer: wordpiece(t), Pairs: true}})
	require.NoError(t, err)
	require.Equal(t, 4, collect(t, l, 0, 0)[0].Tokens)
}

func TestLoaderBad(t *testing.T) {
	encoder := data.Encoder{Tokenizer: wordpiece(t)}
	for _, c := range []struct {
		examples []data.Example
		options  data.Options
		is       error
		says     string
	}{
		{nil, data.Options{}, data.ErrEmpty, "no examples"},
		{labelled(1), data.Options{BatchSize: -1}, data.ErrOption, "BatchSize: -1 is negative"},
		{labelled(1), data.Options{Target: 9}, data.ErrOption, "Target: 9 is none of the targets"},
		{labelled(1), data.Options{Target: data.Classification}, data.ErrOption, "Classes: there are no names"},
		{labelled("b", "c"), data.Options{Target: data.Classification, Classes: []string{"a", "b"}}, data.ErrLabel,
			`example 1: field "label": unusable label: unknown class "c"; the classes are "a", "b"`},
		{labelled("1", 0), data.Options{Target: data.Regression}, data.ErrLabel,
			`x.jsonl:7: field "label": unusable label: "1" is the name of a class, want a number: the task is regression, not classification`},
		{labelled(nil, "a"), data.Options{Target: data.Regression}, data.ErrLabel, `is nothing, want a number: the task is regression`},
		{labelled("a", "a"), data.Options{Target: data.Regression}, data.ErrLabel,
			`"a" is the name of a class, want a number: the task is regression. All examples have this one class,`},
		{labelled("a"), data.Options{Target: data.Classification, Classes: []string{"a", "b", "a"}}, data.ErrOption,
			`Classes: 0 and 2 have the same name, "a"`},
	} {
		c.options.Encoder = encoder
		_, err := data.NewLoader(c.examples, c.options)
		require.ErrorIs(t, err, c.is)
		require.ErrorContains(t, err, c.says)
	}
}

// A loader that NewLoader did not make has no batches.
func TestZeroLoader(t *testing.T) {
	l := new(data.Loader)
	require.Zero(t, l.Len())
	require.Zero(t, l.NumBatches())
	require.Empty(t, collect(t, l, 0, 0))
}

// An error comes once, names the example and ends the epoch.
func TestLoaderError(t *testing.T) {
	examples := []data.Example{{Text: "a"}, {Text: "a"}, {Text: "a"}, {Text: ""}, {Text: "a"}}
	l, err := data.NewLoader(examples, data.Options{
		Encoder: data.Encoder{Tokenizer: noPad{wordpiece(t), 0}}, BatchSize: 2,
	})
	require.NoError(t, err)
	var errs []error
	for _, err := range l.Epoch(0, 0) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 2)
	require.NoError(t, errs[0])
	require.EqualError(t, errs[1], "example 3: malformed data: the text gives no tokens")

	for _, s := range []data.Source{l, data.Fixed{}} {
		for _, at := range [][2]int{{-1, 0}, {0, -1}, {0, s.NumBatches() + 1}} {
			count := 0
			for _, err := range s.Epoch(at[0], at[1]) {
				require.ErrorIs(t, err, data.ErrOption)
				count++
			}
			require.Equal(t, 1, count)
		}
	}
}
