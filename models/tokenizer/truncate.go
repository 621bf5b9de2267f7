package tokenizer

import "fmt"

// truncate shortens one or two sequences so that they and the special tokens, room in number, fit the limit.
func truncate(parts []*Encoding, limit Truncation, room int, overflow bool) error {
	if limit.MaxLength == 0 {
		return nil
	}
	space := limit.MaxLength - room
	if limit.MaxLength < 0 || space < 0 {
		return fmt.Errorf("%w to %d tokens: %d are special ones", ErrTruncation, limit.MaxLength, room)
	}
	if limit.Stride < 0 {
		return fmt.Errorf("%w: stride %d is negative", ErrTruncation, limit.Stride)
	}
	total := 0
	for _, p := range parts {
		total += p.Len()
	}
	if space > 0 && total <= space {
		return nil
	}
	lengths := make([]int, len(parts))
	for i, p := range parts {
		lengths[i] = p.Len()
	}
	switch excess := total - space; {
	case space == 0:
		clear(lengths)
	case limit.Strategy == LongestFirst && len(parts) == 1:
		lengths[0] = space
	case limit.Strategy == LongestFirst:
		lengths[0], lengths[1] = longestFirst(lengths[0], lengths[1], space)
	case limit.Strategy == OnlyFirst || limit.Strategy == OnlySecond:
		which := int(limit.Strategy - OnlyFirst)
		if which >= len(parts) {
			return fmt.Errorf("%w only the second text: there is one", ErrTruncation)
		}
		if lengths[which] <= excess {
			return fmt.Errorf("%w text %d: it has %d tokens, and %d must go", ErrTruncation, which+1,
				lengths[which], excess)
		}
		lengths[which] -= excess
	default:
		return fmt.Errorf("%w: unknown strategy %d", ErrTruncation, limit.Strategy)
	}
	for i, n := range lengths {
		if n < parts[i].Len() && n > 0 && limit.Stride >= n {
			return fmt.Errorf("%w to %d tokens of text %d: stride %d must be less", ErrTruncation, n, i+1, limit.Stride)
		}
		parts[i] = parts[i].truncate(n, limit.Stride, limit.Direction, overflow)
	}
	return nil
}

// longestFirst shares the space between two lengths that together exceed it: the shorter stays whole if it
// is at most half, else each gets a half, the longer one the odd token.
func longestFirst(a, b, space int) (int, int) {
	if a > b {
		b, a = longestFirst(b, a, space)
		return a, b
	}
	if a <= space/2 {
		return a, space - a
	}
	return space / 2, space - space/2
}

// truncate returns the first n tokens, or the last ones where the left is cut, and the rest as overflowing
// parts of n tokens, each sharing stride tokens with the one before.
func (e *Encoding) truncate(n, stride int, d Direction, overflow bool) *Encoding {
	total := e.Len()
	if n >= total {
		return e
	}
	if n == 0 {
		out := new(Encoding)
		if overflow {
			out.Overflowing = []*Encoding{e}
		}
		return out
	}
	part := func(shift int) *Encoding {
		if d == Left {
			return e.slice(max(0, total-shift-n), total-shift)
		}
		return e.slice(shift, min(shift+n, total))
	}
	out := part(0)
	if !overflow {
		return out
	}
	for shift := 0; shift+n < total; {
		shift += n - stride
		// a copy, for the type ids of out are still to be set
		out.Overflowing = append(out.Overflowing, part(shift).clone())
	}
	return out
}
