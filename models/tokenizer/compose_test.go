package tokenizer

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// TestCompositesAreNorms joins each first part of a composite with each character that may be joined to one before, as
// package norm does.
func TestCompositesAreNorms(t *testing.T) {
	firsts, marks := map[rune]bool{'a': true, 0x1100: true, 0xAC00: true}, map[rune]bool{}
	for pair := range composites() {
		firsts[pair[0]] = true
	}
	for r := rune(0x300); r <= unicode.MaxRune; r++ {
		if s := string(r); !norm.NFC.PropertiesString(s).BoundaryBefore() && norm.NFD.IsNormalString(s) { // text is decomposed first
			marks[r] = true
		}
	}
	require.Greater(t, len(firsts)*len(marks), 100_000)
	for a := range firsts {
		for b := range marks {
			if norm.NFD.String(string([]rune{a, b})) != norm.NFD.String(string(a))+string(b) {
				continue // marks come in canonical order
			}
			joined := []rune(norm.NFC.String(string([]rune{a, b})))
			want := len(joined) == 1 && !unicode.Is(laterDecomposed, joined[0])
			r, ok := composite(a, b)
			if ok != want || ok && r != joined[0] {
				t.Fatalf("%U and %U: %U %t, package norm joins them to %U", a, b, r, ok, joined)
			}
		}
	}
}
