//go:build daulet && cgo

package tokenizer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRustGolden holds the engine over the Rust library to the same answers.
func TestRustGolden(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			tok, err := RustFromFile("testdata/" + kind + "/tokenizer.json")
			require.NoError(t, err)
			checkGolden(t, tok, "testdata/"+kind+"/golden.json")
		})
	}
}

func BenchmarkRust(b *testing.B) { benchmark(b, RustFromFile) }
