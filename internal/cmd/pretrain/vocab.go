package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Special tokens, in the order of their ids.
var specials = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// inner marks a piece that goes on inside a word.
const inner = "##"

// trainVocab makes a WordPiece vocabulary of at most size tokens: the special ones, every printable ASCII character
// (so that no ASCII text is unknown), then the pieces that byte-pair merging (Sennrich et al. 2016, arXiv:1508.07909)
// finds in the words, the most frequent pair first. Numbers stay single digits.
func trainVocab(counts map[string]int, size int) []string {
	vocab := slices.Clone(specials)
	known := map[string]bool{}
	add := func(piece string) {
		if !known[piece] {
			known[piece] = true
			vocab = append(vocab, piece)
		}
	}
	for c := '!'; c <= '~'; c++ {
		if c >= 'A' && c <= 'Z' {
			continue // text is lower-cased
		}
		add(string(c))
		add(inner + string(c))
	}
	words := make([]*word, 0, len(counts))
	for _, w := range slices.Sorted(maps.Keys(counts)) {
		if !strings.ContainsAny(w, "0123456789") {
			words = append(words, newWord(w, counts[w]))
		}
	}
	pairs := map[pair]int{}
	for _, w := range words {
		w.count(pairs, w.times)
	}
	for len(vocab) < size {
		best, found := mostFrequent(pairs)
		if !found {
			break
		}
		add(best.joined())
		for _, w := range words {
			if w.has(best) {
				w.count(pairs, -w.times)
				w.merge(best)
				w.count(pairs, w.times)
			}
		}
	}
	return vocab
}

type pair struct{ left, right string }

func (p pair) joined() string { return p.left + strings.TrimPrefix(p.right, inner) }

// mostFrequent gives the pair seen most often, at least twice; of equals the first in byte order.
func mostFrequent(pairs map[pair]int) (best pair, found bool) {
	top := 1
	for p, n := range pairs {
		if n > top || n == top && found && cmp.Or(cmp.Compare(p.left, best.left), cmp.Compare(p.right, best.right)) < 0 {
			best, top, found = p, n, true
		}
	}
	return best, found
}

// word is a word as pieces.
type word struct {
	pieces []string
	times  int
}

func newWord(s string, times int) *word {
	w := &word{times: times}
	for i, c := range s {
		piece := string(c)
		if i > 0 {
			piece = inner + piece
		}
		w.pieces = append(w.pieces, piece)
	}
	return w
}

func (w *word) count(pairs map[pair]int, times int) {
	for i := range w.pieces[1:] {
		p := pair{w.pieces[i], w.pieces[i+1]}
		if pairs[p] += times; pairs[p] == 0 {
			delete(pairs, p)
		}
	}
}

func (w *word) has(p pair) bool {
	for i := range w.pieces[1:] {
		if w.pieces[i] == p.left && w.pieces[i+1] == p.right {
			return true
		}
	}
	return false
}

func (w *word) merge(p pair) {
	out := w.pieces[:0]
	for i := 0; i < len(w.pieces); i++ {
		if i+1 < len(w.pieces) && w.pieces[i] == p.left && w.pieces[i+1] == p.right {
			out = append(out, p.joined())
			i++
		} else {
			out = append(out, w.pieces[i])
		}
	}
	w.pieces = out
}

// countWords counts the words of a lower-cased text as BERT splits it: at spaces and around punctuation.
func countWords(counts map[string]int, s string) {
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			counts[b.String()]++
			b.Reset()
		}
	}
	for _, c := range strings.ToLower(s) {
		switch {
		case c == ' ':
			end()
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		default:
			end()
			counts[string(c)]++
		}
	}
	end()
}
