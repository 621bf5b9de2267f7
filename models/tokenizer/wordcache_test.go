package tokenizer

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWordCacheGrows puts more words than there are slots, from several goroutines, and then, as what comes in while a
// table grows is lost, once more. It finds nothing but what was put, in a table that is as large as it may be and no
// larger.
func TestWordCacheGrows(t *testing.T) {
	c := newWordCache()
	word := func(i int) []byte { return fmt.Appendf(nil, "word%d", i) }
	put := func(first, step int) {
		for i := first; i < 2*mostSlots; i += step {
			c.put(c.hash(word(i)), word(i), []token{{id: int32(i)}})
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() { put(g, 4) })
	}
	wg.Wait()
	put(0, 1)
	require.Len(t, c.table.Load().slots, mostSlots)
	hits := 0
	for i := range 2 * mostSlots {
		if tokens, ok := c.get(c.hash(word(i)), word(i)); ok {
			require.Equal(t, []token{{id: int32(i)}}, tokens)
			hits++
		}
	}
	require.Greater(t, hits, mostSlots/2)
}

func TestWordCacheStaysSmall(t *testing.T) {
	c := newWordCache()
	for range 3 {
		for i := range fewestSlots / 8 {
			word := fmt.Appendf(nil, "word%d", i)
			if _, ok := c.get(c.hash(word), word); !ok {
				c.put(c.hash(word), word, nil)
			}
		}
	}
	require.Len(t, c.table.Load().slots, fewestSlots)
}
