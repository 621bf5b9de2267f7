package peft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// Rows follow their indices, the adapters that may act stay the same, and other selections are the same for every row.
func TestPickRows(t *testing.T) {
	rows := peft.Rows("b", "", "a")
	n, ok := rows.NumRows()
	require.True(t, ok)
	require.Equal(t, 3, n)
	picked := rows.PickRows([]int{2, 1, 1, 0})
	require.Equal(t, "rows(a,,,b)", picked.String())
	require.Equal(t, "rows(b,,a)", rows.String())
	require.Equal(t, peft.Rows("a", "", "", "b").Among("a", "b"), picked)
	require.Equal(t, peft.Rows("b").Among("c", "b"), peft.Rows("b", "c").Among("c", "b").PickRows([]int{0}))
	require.Equal(t, peft.Rows("").Among("a", "b"), rows.PickRows([]int{1}))

	require.Equal(t, peft.Use("b"), rows.Row(0))
	require.Equal(t, peft.Base(), rows.Row(1))
	for _, s := range []peft.Selection{peft.Base(), peft.Use("a"), peft.Use("a", "b"), peft.Average([]float64{1}, peft.Use("a"))} {
		_, ok := s.NumRows()
		require.False(t, ok)
		require.Equal(t, s, s.Row(7))
		require.Equal(t, s, s.PickRows([]int{3}))
	}
}

func TestSelectionNames(t *testing.T) {
	for _, c := range []struct {
		sel  peft.Selection
		want []string
	}{
		{peft.Base(), nil},
		{peft.Use("a"), []string{"a"}},
		{peft.Stack(peft.Use("b", "a"), peft.Average([]float64{1, 2}, peft.Use("c"), peft.Use("a"))), []string{"b", "a", "c"}},
		{peft.Rows("b", "", "a", "b"), []string{"b", "a"}},
	} {
		require.Equal(t, c.want, c.sel.Names(), c.sel.String())
	}
}

// A row that there is none of is an error of the call, and no panic.
func TestMissingRow(t *testing.T) {
	a := peft.New(classifier(t))
	rows := peft.Rows("", "")
	for _, s := range []peft.Selection{rows.Row(2), rows.Row(-1), rows.PickRows([]int{0, 2})} {
		_, err := a.Forward(t.Context(), s, tokens())
		require.ErrorIs(t, err, peft.ErrAdapter)
		require.ErrorContains(t, err, "of 2")
	}
}
