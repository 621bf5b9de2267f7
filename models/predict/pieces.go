package predict

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/seam"
)

// defaultStride is what Stride 0 means where half a piece is not less, as in transformers.
const defaultStride = 128

// stride is by how many tokens pieces overlap that have room for so many tokens of the text.
func (p *Predictor) stride(room int) (int, error) {
	switch s := p.options.Stride; {
	case s >= room && s > 0:
		return 0, optionf("Stride", "%d is not less than the %d tokens of a piece", s, room)
	case s > 0:
		return s, nil
	}
	return min(defaultStride, room/2), nil
}

// pieces cuts input i into rows that overlap: a text, or the second of two, behind the whole first one. limit is the most
// tokens of a row, 0 for any number.
func (p *Predictor) pieces(i, limit int, one func(*tokenizer.Options) (*tokenizer.Encoding, error), fixed func() (*tokenizer.Encoding, error), pair bool) ([]tokenRow, error) {
	enc, err := one(cut(0))
	if err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	if limit == 0 || enc.Len() <= limit {
		return []tokenRow{{Encoding: enc, of: i}}, nil
	}
	around, err := fixed()
	if err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	room := limit - around.Len()
	if room < 1 {
		return nil, fmt.Errorf("input %d: %w", i, seam.Inputf("text", "%d tokens around it leave no room in the %d of a row", around.Len(), limit))
	}
	o := cut(limit)
	o.Overflow = true
	if pair {
		o.Truncation.Strategy = tokenizer.OnlySecond
	}
	if o.Truncation.Stride, err = p.stride(room); err != nil {
		return nil, err
	}
	if enc, err = one(o); err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	rows := []tokenRow{{Encoding: enc, of: i}}
	for k, more := range enc.Overflowing {
		rows = append(rows, tokenRow{Encoding: more, of: i, start: (k + 1) * (room - o.Truncation.Stride)})
	}
	return rows, nil
}
