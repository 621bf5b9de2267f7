package tokenizer

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
)

// learnBPE joins the most frequent pair of neighbours, again and again (Sennrich et al. 2016).
func learnBPE(model object, words []wordCount, o *TrainOptions) error {
	prefix, err := fieldOr(model, "continuing_subword_prefix", "")
	if err != nil {
		return err
	}
	suffix, err := fieldOr(model, "end_of_word_suffix", "")
	if err != nil {
		return err
	}
	l := learnPairs(words, prefix, suffix, o)
	if err := setVocab(model, l.tokens); err != nil {
		return err
	}
	merges := make([][2]string, len(l.merges))
	for i, m := range l.merges {
		merges[i] = [2]string{l.tokens[m[0]], l.tokens[m[1]]}
	}
	model.fields["merges"], err = marshal(merges)
	return err
}

// learnWordPiece takes the vocabulary that BPE learns, as the reference does.
func learnWordPiece(model object, words []wordCount, o *TrainOptions) error {
	prefix, err := fieldOr(model, "continuing_subword_prefix", "##")
	if err != nil {
		return err
	}
	return setVocab(model, learnPairs(words, prefix, "", o).tokens)
}

// pairLearner is the state of learning.
type pairLearner struct {
	tokens []string
	ids    map[string]int32
	merges [][2]int32
	words  []learnedWord
	counts map[uint64]int     // of pairs
	fresh  map[uint64][]int32 // words with new pairs, not yet in the queue
	queue  pairQueue
	longer func(a, b int32) bool // whether two symbols together are too long
}

// learnedWord is a word as its symbols so far, with their lengths in characters.
type learnedWord struct {
	symbols []int32
	sizes   []int32
	count   int
}

func learnPairs(words []wordCount, prefix, suffix string, o *TrainOptions) *pairLearner {
	l := &pairLearner{ids: make(map[string]int32), counts: make(map[uint64]int), fresh: make(map[uint64][]int32)}
	l.longer = func(a, b int32) bool { return o.MaxTokenLength > 0 && int(a+b) >= o.MaxTokenLength }
	for _, t := range o.SpecialTokens {
		l.token(t)
	}
	for _, c := range alphabet(words, o) {
		l.token(string(c))
	}
	for _, w := range words {
		l.addWord(w, prefix, suffix)
	}
	for i, w := range l.words {
		for k := 1; k < len(w.symbols); k++ {
			p := pairOf(w.symbols[k-1], w.symbols[k])
			l.counts[p] += w.count
			l.appear(p, int32(i))
		}
	}
	l.enqueue()

	size := o.VocabSize
	if size == 0 {
		size = defaultVocabSize
	}
	for len(l.tokens) < size && len(l.queue) > 0 {
		top := l.queue[0]
		if now := l.counts[top.pair]; top.count != now {
			l.queue[0].count = now
			heap.Fix(&l.queue, 0)
			continue
		}
		if top.count < 1 || top.count < o.MinFrequency {
			break
		}
		heap.Pop(&l.queue)
		left, right := int32(top.pair>>32), int32(uint32(top.pair))
		id := l.token(l.tokens[left] + strings.TrimPrefix(l.tokens[right], prefix))
		l.merges = append(l.merges, [2]int32{left, right})
		for _, i := range top.words {
			l.merge(i, left, right, id)
		}
		l.enqueue()
	}
	return l
}

// token returns the id of a token, which is new or not.
func (l *pairLearner) token(t string) int32 {
	id, ok := l.ids[t]
	if !ok {
		id = int32(len(l.tokens))
		l.ids[t] = id
		l.tokens = append(l.tokens, t)
	}
	return id
}

// alphabet returns the characters that are kept, in ascending order.
func alphabet(words []wordCount, o *TrainOptions) []rune {
	counts := make(map[rune]int)
	for _, w := range words {
		for _, r := range w.text {
			counts[r] += w.count
		}
	}
	const most = int(^uint(0) >> 1)
	for _, r := range o.InitialAlphabet {
		counts[r] = most
	}
	out := make([]rune, 0, len(counts))
	for r := range counts {
		out = append(out, r)
	}
	if o.LimitAlphabet > 0 && len(out) > o.LimitAlphabet {
		slices.SortFunc(out, func(a, b rune) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
		out = out[:o.LimitAlphabet]
	}
	slices.Sort(out)
	return out
}

// addWord takes the characters of a word that are in the alphabet.
func (l *pairLearner) addWord(w wordCount, prefix, suffix string) {
	out := learnedWord{count: w.count}
	runes := []rune(w.text)
	for i, r := range runes {
		t := string(r)
		if _, ok := l.ids[t]; !ok {
			continue
		}
		if i > 0 {
			t = prefix + t
		}
		if i == len(runes)-1 {
			t += suffix
		}
		out.symbols = append(out.symbols, l.token(t))
		out.sizes = append(out.sizes, 1)
	}
	l.words = append(l.words, out)
}

// appear notes that a word has a pair which is not in the queue for it.
func (l *pairLearner) appear(pair uint64, word int32) {
	where := l.fresh[pair]
	if n := len(where); n == 0 || where[n-1] != word {
		l.fresh[pair] = append(where, word)
	}
}

// enqueue moves the new pairs to the queue.
func (l *pairLearner) enqueue() {
	for pair, where := range l.fresh {
		if count := l.counts[pair]; count > 0 {
			slices.Sort(where)
			heap.Push(&l.queue, queuedPair{pair, count, slices.Compact(where)})
		}
	}
	clear(l.fresh)
}

// merge replaces a pair by its token in word i and keeps count of the pairs that go and come.
func (l *pairLearner) merge(i, left, right, id int32) {
	w := &l.words[i]
	change := func(a, b int32, by int) {
		p := pairOf(a, b)
		l.counts[p] += by * w.count
		if by > 0 {
			l.appear(p, i)
		}
	}
	s, z := w.symbols, w.sizes
	n := 0 // symbols kept
	for k := 0; k < len(s); k++ {
		if s[k] != left || k+1 == len(s) || s[k+1] != right {
			s[n], z[n] = s[k], z[k]
			n++
			continue
		}
		size := z[k] + z[k+1]
		if n > 0 {
			change(s[n-1], left, -1)
			if !l.longer(z[n-1], size) {
				change(s[n-1], id, 1)
			}
		}
		if k+2 < len(s) {
			change(right, s[k+2], -1)
			if !l.longer(z[k+2], size) {
				change(id, s[k+2], 1)
			}
		}
		s[n], z[n] = id, size
		n++
		k++
	}
	w.symbols, w.sizes = s[:n], z[:n]
}

// queuedPair is a pair, how often it occurred when it was queued, and the words it was then new in.
type queuedPair struct {
	pair  uint64
	count int
	words []int32
}

// pairQueue is a heap, the most frequent pair first, and of those the one of the lowest ids.
type pairQueue []queuedPair

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, k int) bool {
	if q[i].count != q[k].count {
		return q[i].count > q[k].count
	}
	return q[i].pair < q[k].pair
}
func (q pairQueue) Swap(i, k int) { q[i], q[k] = q[k], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(queuedPair)) }
func (q *pairQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
