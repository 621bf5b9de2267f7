package generate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// However a text comes in pieces, what goes out is what stands in front of the stop that begins first.
func TestStopsInPieces(t *testing.T) {
	for _, c := range []struct {
		stops      stops
		text, want string
	}{
		{nil, "abc", "abc"},
		{stops{"END"}, "aENDb", "a"},
		{stops{"END"}, "aENENDb", "aEN"},
		{stops{"END"}, "aEN", "aEN"},
		{stops{"bc", "abc"}, "xabc", "x"},
		{stops{"\n\n", "\nUser:"}, "a\nb\nUser: c", "a\nb"},
		{stops{"né"}, "ana né", "ana "},
		{stops{"aab"}, "aaab", "a"},
	} {
		for size := 1; size <= len(c.text); size++ {
			p, out := Pieces{stops: c.stops}, ""
			for at := 0; at < len(c.text); at += size {
				out += p.clear(c.text[at:min(at+size, len(c.text))])
				require.True(t, strings.HasPrefix(c.want, out), "%q in pieces of %d: %q is out", c.text, size, out)
			}
			require.Equal(t, c.want, out+p.held, fmt.Sprint(c.stops, " in pieces of ", size))
		}
	}
}

// Later changes of what the options point to don't reach a generator.
func TestOptionsAreCopied(t *testing.T) {
	o := Options{EOS: []int32{1}, Stop: []string{"a"}, Pad: new(int32(2)), ForcedEOS: []int32{}}
	kept := o.clone()
	o.EOS[0], o.Stop[0], *o.Pad = 7, "b", 8
	require.Equal(t, Options{EOS: []int32{1}, Stop: []string{"a"}, Pad: new(int32(2)), ForcedEOS: []int32{}}, kept)
}
