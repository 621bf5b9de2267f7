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
	slots []atomic.Pointer[cachedWord]
}

type cachedWord struct {
	text   string
	tokens []token
}

const (
	cacheSlots = 1 << 15
	longestHit = 64 // bytes; longer words seldom come twice
)

func newWordCache() *wordCache {
	return &wordCache{maphash.MakeSeed(), make([]atomic.Pointer[cachedWord], cacheSlots)}
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
	w := c.slots[hash%cacheSlots].Load()
	if w == nil || w.text != string(word) {
		return nil, false
	}
	return w.tokens, true
}

func (c *wordCache) put(hash uint64, word []byte, tokens []token) {
	if len(word) <= longestHit {
		c.slots[hash%cacheSlots].Store(&cachedWord{string(word), slices.Clone(tokens)})
	}
}
