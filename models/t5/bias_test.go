package t5

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The buckets are transformers', those beyond the farthest distance too; testdata is made by
// internal/testdata/gen/t5_buckets.py.
func TestBuckets(t *testing.T) {
	raw, err := os.ReadFile("testdata/buckets.json")
	require.NoError(t, err)
	var rows []struct {
		Buckets, Farthest int
		Both              bool
		Values            []int32
	}
	require.NoError(t, json.Unmarshal(raw, &rows))
	require.NotEmpty(t, rows)
	for _, r := range rows {
		got := buckets(r.Buckets, r.Farthest, r.Both)
		beyond := (len(r.Values) - len(got)) / 2
		for i, want := range r.Values {
			at := min(max(i-beyond, 0), len(got)-1)
			require.Equal(t, want, got[at], "%d buckets to %d, both ways %v, distance %d", r.Buckets, r.Farthest, r.Both, i-beyond-r.Farthest)
		}
	}
}
