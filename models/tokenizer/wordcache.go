package tokenizer

import (
	"hash/maphash"
	"slices"
	"sync/atomic"
)

// wordCache remembers the tokens of words. It is bounded: a word has one slot, by its hash, and takes the place of
// the word before. Slots are read and written atomically, so that goroutines share it without a lock.
type wordCache struct {
	seed  maphash.Seed
	table atomic.Pointer[cacheTable]
}

// cacheTable is the slots, no more than are of use: the garbage collector looks at each of them.
type cacheTable struct {
	slots []atomic.Pointer[cachedWord]
	puts  atomic.Int64
}

type cachedWord struct {
	hash   uint64
	text   string
	tokens []token
}

const (
	fewestSlots = 1 << 8
	mostSlots   = 1 << 15
	longestHit  = 64 // bytes; longer words seldom come twice
)

func newWordCache() *wordCache {
	c := &wordCache{seed: maphash.MakeSeed()}
	c.table.Store(newCacheTable(fewestSlots))
	return c
}

func newCacheTable(n int) *cacheTable {
	return &cacheTable{slots: make([]atomic.Pointer[cachedWord], n)}
}

func (t *cacheTable) slot(hash uint64) *atomic.Pointer[cachedWord] {
	return &t.slots[hash%uint64(len(t.slots))]
}

func (c *wordCache) hash(word []byte) uint64 {
	if len(word) > longestHit {
		return 0
	}
	return maphash.Bytes(c.seed, word)
}

func (c *wordCache) get(hash uint64, word []byte) ([]token, bool) {
	if len(word) > longestHit {
		return nil, false
	}
	w := c.table.Load().slot(hash).Load()
	if w == nil || w.text != string(word) {
		return nil, false
	}
	return w.tokens, true
}

func (c *wordCache) put(hash uint64, word []byte, tokens []token) {
	if len(word) > longestHit {
		return
	}
	t := c.table.Load()
	t.slot(hash).Store(&cachedWord{hash, string(word), slices.Clone(tokens)})
	if n := len(t.slots); t.puts.Add(1) == int64(n/2) && n < mostSlots { // so for one goroutine
		c.grow(t)
	}
}

// grow doubles the table. Words that come in meanwhile are lost, as may happen to any.
func (c *wordCache) grow(old *cacheTable) {
	t := newCacheTable(2 * len(old.slots))
	for i := range old.slots {
		if w := old.slots[i].Load(); w != nil {
			t.slot(w.hash).Store(w)
		}
	}
	c.table.Store(t)
}
