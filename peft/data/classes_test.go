package data_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
)

// labelled gives examples of labels, the first with a position.
func labelled(labels ...any) (out []data.Example) {
	for i, l := range labels {
		ex := data.Example{Text: fmt.Sprint("text ", i)}
		switch v := l.(type) {
		case int:
			ex.Label = data.IntegerLabel(int64(v))
		case float64:
			ex.Label = data.FloatLabel(v)
		case string:
			ex.Label = data.WordLabel(v)
		}
		if i == 0 {
			ex.Pos = data.Position{Path: "x.jsonl", Line: 7}
		}
		out = append(out, ex)
	}
	return out
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		examples []data.Example
		names    []string
	}{
		{labelled("b", "a", "é", "B", "a", ""), []string{"", "B", "a", "b", "é"}},
		{labelled(10, 2, 1, 0, 3, 4, 5, 6, 7, 8, 9, 2), []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
		{labelled(0, 0), []string{"0"}},
	} {
		names, err := data.Classes(c.examples)
		require.NoError(t, err)
		require.Equal(t, c.names, names)
	}
}

func TestLabelsBad(t *testing.T) {
	for _, c := range []struct {
		examples []data.Example
		says     string
	}{
		{labelled(0, 1, -1), `example 2: field "label": unusable label: -1 is no index of a class: it is negative`},
		{labelled(0, "a"), `example 1: field "label": unusable label: "a" is a string, but that of x.jsonl:7 is an integer`},
		{labelled("a", 1), `example 1: field "label": unusable label: "1" is an integer, but that of x.jsonl:7 is a string`},
		{labelled(0.5), `x.jsonl:7: field "label": unusable label: is a number that is no integer, want a class: a string or an integer`},
		{labelled("a", nil), `example 1: field "label": unusable label: is nothing, want a class: a string or an integer`},
		{labelled(0, 3, 1, 3), `example 1: field "label": unusable label: classes go up to 3, but no example has class 2`},
		{labelled(1, 2), `example 1: field "label": unusable label: classes go up to 2, but no example has class 0`},
	} {
		_, err := data.Classes(c.examples)
		require.EqualError(t, err, c.says)
		require.ErrorIs(t, err, data.ErrLabel)
	}
	_, err := data.Classes(nil)
	require.ErrorIs(t, err, data.ErrEmpty)
}

func TestIndex(t *testing.T) {
	x, err := data.NewIndex([]string{"yes", "no", "7"})
	require.NoError(t, err)
	for label, want := range map[data.Label]int{
		data.WordLabel("no"): 1, data.WordLabel("7"): 2, data.IntegerLabel(0): 0, data.IntegerLabel(2): 2,
	} {
		got, err := x.Find(label)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for label, says := range map[data.Label]string{
		data.WordLabel("maybe"): `unusable label: unknown class "maybe"; the classes are "yes", "no", "7"`,
		data.IntegerLabel(3):    `unusable label: 3 is outside 0..2; the classes are "yes", "no", "7"`,
		data.IntegerLabel(-100): `unusable label: -100 is outside 0..2; the classes are "yes", "no", "7"`,
		data.FloatLabel(1):      `unusable label: is a number that is no integer, want one of the classes "yes", "no", "7"`,
		{}:                      `unusable label: is nothing, want one of the classes "yes", "no", "7"`,
	} {
		_, err := x.Find(label)
		require.EqualError(t, err, says)
		require.ErrorIs(t, err, data.ErrLabel)
	}
	_, err = data.NewIndex([]string{"a", "b", "a"})
	require.ErrorIs(t, err, data.ErrOption)
	require.ErrorContains(t, err, `Classes: 0 and 2 have the same name, "a"`)
	_, err = data.NewIndex(nil)
	require.ErrorIs(t, err, data.ErrOption)

	many := make([]string, 25)
	for i := range many {
		many[i] = fmt.Sprint("c", i)
	}
	x, err = data.NewIndex(many)
	require.NoError(t, err)
	require.Regexp(t, `"c18", "c19" and 5 more$`, x.String())
}

// A class's own name leads back to its index, however the classes were labelled.
func TestLabelsAndIndexAgree(t *testing.T) {
	for _, examples := range [][]data.Example{labelled("b", "c", "a"), labelled(2, 0, 1)} {
		names, err := data.Classes(examples)
		require.NoError(t, err)
		x, err := data.NewIndex(names)
		require.NoError(t, err)
		for _, ex := range examples {
			i, err := x.Find(ex.Label)
			require.NoError(t, err)
			require.Equal(t, ex.Label.String(), x.Names()[i])
		}
	}
}
