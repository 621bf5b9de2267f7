package torchrand

import "slices"

// longPerm is the length from which torch.randperm draws 64 bits for each element.
const longPerm = (1<<32 - 1) / 20

// Perm gives a random permutation of 0 to n-1, as torch.randperm. It is empty for n below 1.
func (g *Generator) Perm(n int) []int {
	if n >= longPerm {
		return g.insideOut(n, n)
	}
	perm := make([]int, max(n, 0))
	for i := range perm {
		perm[i] = i
	}
	for i := 0; i < n-1; i++ {
		j := i + int(g.Uint32())%(n-i)
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}

// PermHead gives the first k elements of Perm(n) and leaves the generator as Perm does, in memory that grows with k alone. That
// matters where a few elements of a weight are chosen, as by FourierFT: Perm of a weight of 4096 by 4096 takes 128 MiB. A k above n
// means n.
func (g *Generator) PermHead(n, k int) []int {
	k = max(0, min(k, n))
	switch {
	case n >= longPerm:
		return g.insideOut(n, k)
	case k > n/8: // a map would take more than the permutation
		return slices.Clone(g.Perm(n)[:k])
	}
	head := make([]int, k)
	moved := make(map[int]int, k) // elements that are not in their own places
	at := func(i int) int {
		if element, ok := moved[i]; ok {
			return element
		}
		return i
	}
	for i := range head {
		j := i + int(g.Uint32())%(n-i)
		element := at(j)
		moved[j] = at(i)
		head[i] = element
	}
	for i := k; i < n-1; i++ {
		g.Uint32()
	}
	return head
}

// insideOut gives the first k elements of a permutation by the inside-out shuffle (Knuth's TAOCP volume 2, 3.4.2, exercise 18),
// in which no later element moves to an earlier place but the newest one.
func (g *Generator) insideOut(n, k int) []int {
	head := make([]int, k)
	for i := range n {
		j := int(g.Uint64() % uint64(i+1))
		if i < k {
			head[i] = head[j]
		}
		if j < k {
			head[j] = i
		}
	}
	return head
}
