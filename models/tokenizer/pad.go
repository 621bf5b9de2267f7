package tokenizer

import "fmt"

// pad fills a batch of encodings, and what overflows from them, up to the length that the options or else the
// tokenizer file ask for.
func (e *engine) pad(o *Options, batch ...*Encoding) error {
	p := e.padding
	if o != nil && o.Padding != nil {
		p = *o.Padding
		if p.Token == "" && p.Strategy != NoPadding {
			token, ok := e.IDToToken(e.special.Pad)
			if !ok {
				return fmt.Errorf("%w: the tokenizer has no pad token: name one in Padding.Token", ErrPadding)
			}
			p.Token, p.ID = token, e.special.Pad
		}
	}
	length := 0
	switch p.Strategy {
	case NoPadding:
		return nil
	case PadLongest:
		for _, b := range batch {
			length = max(length, b.Len())
		}
	case PadFixed:
		length = p.Length
	default:
		return fmt.Errorf("%w: unknown strategy %d", ErrPadding, p.Strategy)
	}
	if length < 0 || p.MultipleOf < 0 {
		return fmt.Errorf("%w to length %d, a multiple of %d", ErrPadding, length, p.MultipleOf)
	}
	if m := p.MultipleOf; m > 0 && length%m > 0 {
		length += m - length%m
	}
	for _, b := range batch {
		b.pad(length, p)
	}
	return nil
}

func (e *Encoding) pad(length int, p Padding) {
	for _, o := range e.Overflowing {
		o.pad(length, p)
	}
	missing := length - e.Len()
	if missing <= 0 {
		return
	}
	over := e.Overflowing
	out := e
	if p.Direction == Left {
		out = new(Encoding)
	}
	out.grow(length)
	for range missing {
		out.special(p.Token, p.ID, p.TypeID, 0)
	}
	if p.Direction == Left {
		out.append(e)
		out.Overflowing = over
		*e = *out
	}
}
