package generate

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProcessors holds what options make of scores to transformers' logits processors.
func TestProcessors(t *testing.T) {
	raw, err := os.ReadFile("testdata/processors.json")
	require.NoError(t, err)
	var file struct {
		IDs       [][]int32
		Padding   []int
		Start     int
		MaxLength int `json:"max_length"`
		Input     [][]float32
		Cases     []struct {
			Name    string
			Options Options
			Scores  [][]*float32
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s := settings{Options: c.Options, maxLength: file.MaxLength}
			require.NoError(t, s.check(20))
			for i, want := range c.Scores {
				got := append([]float32{}, file.Input[i]...)
				s.process(history{ids: file.IDs[i], start: file.Start, skip: file.Padding[i]}, got)
				if s.sampled() {
					s.warp(got)
				}
				for j, v := range got {
					if want[j] == nil {
						require.True(t, math.IsInf(float64(v), -1), "row %d: token %d has %v, want it ruled out", i, j, v)
						continue
					}
					require.InDelta(t, *want[j], v, 1e-5, "row %d: token %d", i, j)
				}
			}
		})
	}
}

// A forced first token goes before a forced last one, as transformers orders them.
func TestForcedFirstToken(t *testing.T) {
	o := Options{ForcedEOS: []int32{2}, SuppressFirst: []int32{1}}
	require.NoError(t, json.Unmarshal([]byte(`3`), &o.ForcedBOS))
	s := settings{Options: o, maxLength: 9}
	scores := make([]float32, 5)
	s.process(history{ids: []int32{0}, start: 1}, scores)
	require.Equal(t, []float32{never, never, never, 0, never}, scores)

	// Behind a forced token, the second is the first that anything else is suppressed at.
	scores = make([]float32, 5)
	s.process(history{ids: []int32{0, 3}, start: 1}, scores)
	require.Equal(t, []float32{0, never, 0, 0, 0}, scores)
}
