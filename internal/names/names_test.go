package names_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/names"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		require.Equal(t, c.want, names.Distance(c.a, c.b), "%s %s", c.a, c.b)
		require.Equal(t, c.want, names.Distance(c.b, c.a), "%s %s", c.b, c.a)
	}
}

func ExampleNear() {
	fmt.Println(names.Near("qury", []string{"layer.0.query", "layer.0.key", "layer.1.query"}, 2))
	// Output: [query key]
}
