package peft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

func TestParseSelection(t *testing.T) {
	for text, want := range map[string]peft.Selection{
		"a":                             peft.Use("a"),
		"stack(a,b)":                    peft.Use("a", "b"),
		"average(a:0.3,b:0.7)":          peft.Average([]float64{0.3, 0.7}, peft.Use("a"), peft.Use("b")),
		"average(a:-1e-07,b:2)":         peft.Average([]float64{-1e-7, 2}, peft.Use("a"), peft.Use("b")),
		"stack(a,average(b:0.5,c:0.5))": peft.Stack(peft.Use("a"), peft.Average([]float64{.5, .5}, peft.Use("b"), peft.Use("c"))),
		"average(stack(a,b):1,c:2)":     peft.Average([]float64{1, 2}, peft.Use("a", "b"), peft.Use("c")),
	} {
		got, err := peft.ParseSelection(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	spaced, err := peft.ParseSelection(" stack ( a , average( b : 0.5 ) ) ")
	require.NoError(t, err)
	require.Equal(t, "stack(a,average(b:0.5))", spaced.String())
}

func TestParseSelectionRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                     "at 1: want a name",
		"a b)":                 `unexpected ")"`,
		"a,b":                  `unexpected ",b"`,
		"stack(a":              "want , or )",
		"stack()":              "want a name",
		"stack(a,)":            "want a name",
		"average(a,b)":         "want a weight",
		"average(a:x)":         `"x" is not a weight`,
		"average(a:0.3,b)":     "want a weight",
		"average(a:NaN,b:0.5)": `"NaN" is not a weight`,
		"average(a:Inf)":       `"Inf" is not a weight`,
		"mean(a:1)":            `unknown composition "mean"`,
	} {
		_, err := peft.ParseSelection(text)
		require.ErrorIs(t, err, peft.ErrAdapter, text)
		require.ErrorContains(t, err, says, text)
	}
	_, err := peft.ParseSelection("fuse(a,b)")
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "fuse")
}
