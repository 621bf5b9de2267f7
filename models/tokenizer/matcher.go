package tokenizer

// matcher finds added tokens in a text: leftmost first, and the longest of those. Its zero value finds none.
type matcher struct {
	root  trie
	ascii [128]bool // which ASCII characters begin a token: most text is passed over by this alone
}

type trie struct {
	next  map[rune]*trie
	token *addedToken
}

// add makes the matcher find t where pattern stands, unless another token has that pattern, which it then
// returns. A pattern that is empty is found nowhere.
func (m *matcher) add(pattern string, t *addedToken) (other *addedToken) {
	if pattern == "" {
		return nil
	}
	node := &m.root
	for i, r := range pattern {
		if i == 0 && r < 128 {
			m.ascii[r] = true
		}
		child := node.next[r]
		if child == nil {
			child = new(trie)
			if node.next == nil {
				node.next = make(map[rune]*trie)
			}
			node.next[r] = child
		}
		node = child
	}
	if node.token != nil {
		return node.token
	}
	node.token = t
	return nil
}

// longest returns the longest token that text begins with, and its length.
func (m *matcher) longest(text []rune) (found *addedToken, size int) {
	if text[0] < 128 && !m.ascii[text[0]] {
		return nil, 0
	}
	node := &m.root
	for i, r := range text {
		if node = node.next[r]; node == nil {
			break
		}
		if node.token != nil {
			found, size = node.token, i+1
		}
	}
	return found, size
}

// splitAll splits those pieces that are text.
func (m *matcher) splitAll(in *memory, pieces []piece) []piece {
	if m.root.next == nil {
		return pieces
	}
	return in.splitText(pieces, m.split)
}

// split cuts text into added tokens and what is between them.
func (m *matcher) split(text aligned, c *cut) {
	done := 0
	for i := 0; i < text.len(); {
		t, size := m.longest(text.runes[i:])
		if t == nil {
			i++
			continue
		}
		start, stop := i, i+size
		i = stop
		if t.singleWord && (start > 0 && isWord(text.runes[start-1]) ||
			stop < text.len() && isWord(text.runes[stop])) {
			continue
		}
		if t.lstrip {
			for start > done && isSpace(text.runes[start-1]) {
				start--
			}
		}
		if t.rstrip {
			for stop < text.len() && isSpace(text.runes[stop]) {
				stop++
			}
		}
		c.add(done, start)
		c.token(start, stop, t.id)
		done = stop
	}
	c.add(done, text.len())
}
