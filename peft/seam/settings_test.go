package seam_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/seam"
)

func TestChecks(t *testing.T) {
	nan := math.NaN()
	for _, ok := range []error{
		seam.CheckLeast("f", 1, 1), seam.CheckShare("f", 0), seam.CheckStrength("f", 0), seam.CheckNumber("f", -3),
		seam.CheckWord("f", "b", "a", "b"), seam.CheckRanks("f", nil), seam.CheckStrengths("f", seam.Pattern[float64]{{Match: "q", Value: 0}}),
		seam.Drawn.Check("f"), seam.Start("bat").Check("f", "bat"),
	} {
		require.NoError(t, ok)
	}
	for want, err := range map[string]error{
		"f: must be at least 1, is 0":                     seam.CheckLeast("f", 0, 1),
		"f: must be in [0, 1), is 1":                      seam.CheckShare("f", 1),
		"f: must be in [0, 1), is NaN":                    seam.CheckShare("f", nan),
		"f: must be a number of at least 0, is -1":        seam.CheckStrength("f", -1),
		"f: must be a number, is NaN":                     seam.CheckNumber("f", nan),
		`f: "c" is none of a, b`:                          seam.CheckWord("f", "c", "a", "b"),
		`f: "q": must be at least 1, is 0`:                seam.CheckRanks("f", seam.Pattern[int]{{Match: "q"}}),
		`f: "q": must be a number of at least 0, is +Inf`: seam.CheckStrengths("f", seam.Pattern[float64]{{Match: "q", Value: math.Inf(1)}}),
		`f: "bat" is none of true, false`:                 seam.Start("bat").Check("f"),
	} {
		var field *seam.FieldError
		require.True(t, errors.As(err, &field), want)
		require.EqualError(t, err, want)
	}
}

func TestStartJSON(t *testing.T) {
	for _, text := range []string{`true`, `false`, `"bat"`} {
		var s seam.Start
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, text, string(raw))
	}
	var s seam.Start
	require.ErrorContains(t, json.Unmarshal([]byte(`3`), &s), "want true, false or a word")
}
