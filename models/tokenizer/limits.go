package tokenizer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parseTruncation reads the "truncation" of a tokenizer file; null is none.
func parseTruncation(file object) (t Truncation, err error) {
	if !file.has("truncation") {
		return t, nil
	}
	o, err := parseObject("truncation", file.fields["truncation"])
	if err != nil {
		return t, err
	}
	if t.MaxLength, err = field[int](o, "max_length"); err != nil {
		return t, err
	}
	if t.MaxLength < 1 {
		return t, &FieldError{"truncation.max_length", fmt.Errorf("%w: %d is not positive", ErrFormat, t.MaxLength)}
	}
	if t.Stride, err = field[int](o, "stride"); err != nil {
		return t, err
	}
	if t.Stride < 0 {
		return t, &FieldError{"truncation.stride", fmt.Errorf("%w: %d is negative", ErrFormat, t.Stride)}
	}
	t.Strategy, err = choice(o, "strategy", "", map[string]TruncationStrategy{
		"LongestFirst": LongestFirst, "OnlyFirst": OnlyFirst, "OnlySecond": OnlySecond,
	})
	if err != nil {
		return t, err
	}
	t.Direction, err = choice(o, "direction", "Right", directions())
	return t, err
}

// maxPadding keeps a hostile file from asking for all memory.
const maxPadding = 1 << 24

// parsePadding reads the "padding" of a tokenizer file; null is none.
func parsePadding(file object) (p Padding, err error) {
	if !file.has("padding") {
		return p, nil
	}
	o, err := parseObject("padding", file.fields["padding"])
	if err != nil {
		return p, err
	}
	raw, err := field[json.RawMessage](o, "strategy")
	if err != nil {
		return p, err
	}
	var fixed struct{ Fixed *uint32 }
	switch {
	case string(raw) == `"BatchLongest"`:
		p.Strategy = PadLongest
	case json.Unmarshal(raw, &fixed) == nil && fixed.Fixed != nil:
		p.Strategy, p.Length = PadFixed, int(*fixed.Fixed)
	default:
		return p, &FieldError{o.at("strategy"), fmt.Errorf(`%w %s: known are "BatchLongest" and {"Fixed": n}`,
			ErrUnsupported, raw)}
	}
	if p.Direction, err = choice(o, "direction", "", directions()); err != nil {
		return p, err
	}
	multiple, err := fieldOr[uint32](o, "pad_to_multiple_of", 0)
	if err != nil {
		return p, err
	}
	p.MultipleOf = int(multiple)
	if max(p.Length, p.MultipleOf) > maxPadding {
		return p, &FieldError{"padding", fmt.Errorf("%w: to more than %d tokens", ErrFormat, maxPadding)}
	}
	if p.Token, err = field[string](o, "pad_token"); err != nil {
		return p, err
	}
	if p.ID, err = field[int32](o, "pad_id"); err != nil {
		return p, err
	}
	p.TypeID, err = field[int32](o, "pad_type_id")
	return p, err
}

func directions() map[string]Direction { return map[string]Direction{"Right": Right, "Left": Left} }

// choice reads a field that names one of the known values; otherwise, unless "", is the name of the default.
func choice[T any](o object, key, otherwise string, known map[string]T) (T, error) {
	var none T
	name := otherwise
	var err error
	if otherwise == "" || o.has(key) {
		if name, err = field[string](o, key); err != nil {
			return none, err
		}
	}
	v, ok := known[name]
	if !ok {
		return none, &FieldError{o.at(key), fmt.Errorf("%w %q: known are %s", ErrUnsupported, name,
			strings.Join(slices.Sorted(maps.Keys(known)), ", "))}
	}
	return v, nil
}
