package tokenizer

// merger is the working memory of one BPE word: its symbols, linked, and a heap of the pairs to merge.
type merger struct {
	text    []byte
	chars   []int32
	symbols []symbol
	heap    []candidate
	skipped []candidate
}

// symbol is a token in the making. One that was merged into its left neighbour has size 0.
type symbol struct {
	id, prev, next int32 // next and prev are -1 at the ends
	size           int32 // in bytes
}

// candidate is a pair to merge, by its left symbol.
type candidate struct{ rank, pos, id int32 }

func (c candidate) before(o candidate) bool {
	return c.rank < o.rank || c.rank == o.rank && c.pos < o.pos
}

func (m *merger) add(id, size int32) {
	n := int32(len(m.symbols))
	if n > 0 {
		m.symbols[n-1].next = n
	}
	m.symbols = append(m.symbols, symbol{id, n - 1, -1, size})
}

// mergeAll merges pairs, lowest rank first and leftmost of those, in O(n log n). drop, if any, says each time
// whether to leave a pair for later.
func (m *merger) mergeAll(merges map[uint64]merge, drop func() bool) {
	m.heap = m.heap[:0]
	for i := 1; i < len(m.symbols); i++ {
		if c, ok := merges[pairOf(m.symbols[i-1].id, m.symbols[i].id)]; ok {
			m.heap = append(m.heap, candidate{c.rank, int32(i - 1), c.id})
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	m.skipped = m.skipped[:0]
	for len(m.heap) > 0 {
		top := m.pop()
		if drop != nil && drop() {
			m.skipped = append(m.skipped, top)
			continue
		}
		for _, c := range m.skipped {
			m.push(c)
		}
		m.skipped = m.skipped[:0]

		left := &m.symbols[top.pos]
		if left.size == 0 || left.next < 0 {
			continue
		}
		right := &m.symbols[left.next]
		// an entry may be out of date
		if c, ok := merges[pairOf(left.id, right.id)]; !ok || c.id != top.id {
			continue
		}
		left.id = top.id
		left.size += right.size
		left.next = right.next
		right.size = 0
		if right.next >= 0 {
			m.symbols[right.next].prev = top.pos
			if c, ok := merges[pairOf(left.id, m.symbols[right.next].id)]; ok {
				m.push(candidate{c.rank, top.pos, c.id})
			}
		}
		if left.prev >= 0 {
			if c, ok := merges[pairOf(m.symbols[left.prev].id, left.id)]; ok {
				m.push(candidate{c.rank, left.prev, c.id})
			}
		}
	}
}

func (m *merger) push(c candidate) {
	m.heap = append(m.heap, c)
	for i := len(m.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !m.heap[i].before(m.heap[parent]) {
			return
		}
		m.heap[i], m.heap[parent] = m.heap[parent], m.heap[i]
		i = parent
	}
}

func (m *merger) pop() candidate {
	top := m.heap[0]
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	m.down(0)
	return top
}

func (m *merger) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heap) {
			return
		}
		if child+1 < len(m.heap) && m.heap[child+1].before(m.heap[child]) {
			child++
		}
		if !m.heap[child].before(m.heap[i]) {
			return
		}
		m.heap[i], m.heap[child] = m.heap[child], m.heap[i]
		i = child
	}
}
