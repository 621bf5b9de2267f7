package seam

import (
	"encoding/json"
	"fmt"
	"math"
)

// Zero is an explicit 0 for the number of a config or of options whose zero value means another default:
//
//	&lora.Config{Alpha: peft.Zero}
//
// It is the smallest float64 above 0, and counts as 0.
const Zero = math.SmallestNonzeroFloat64

// Ints is a whole number or a list of them in a config, written back in the form in which it was read. The zero value is null.
type Ints struct {
	values []int
	single bool
}

// IntList makes Ints of a list.
func IntList(v ...int) Ints { return Ints{values: append([]int{}, v...)} }

// Values gives the numbers, and whether n is anything but null.
func (n Ints) Values() ([]int, bool) { return n.values, n.values != nil }

// UnmarshalJSON reads an int, a list or null.
func (n *Ints) UnmarshalJSON(raw []byte) error {
	*n = Ints{}
	if string(raw) == "null" {
		return nil
	}
	var one int
	if json.Unmarshal(raw, &one) == nil {
		*n = Ints{values: []int{one}, single: true}
		return nil
	}
	n.values = []int{}
	if err := json.Unmarshal(raw, &n.values); err != nil {
		return fmt.Errorf("want an integer or a list of them")
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (n Ints) MarshalJSON() ([]byte, error) {
	switch {
	case n.values == nil:
		return []byte("null"), nil
	case n.single:
		return json.Marshal(n.values[0])
	}
	return json.Marshal(n.values)
}

// Strings is a text or a list of them in a config, written back in the form in which it was read. The zero value is null.
type Strings struct {
	values []string
	single bool
}

// StringList makes Strings of a list.
func StringList(v ...string) Strings { return Strings{values: append([]string{}, v...)} }

// Values gives the strings; an empty string or list counts as none, as in HF PEFT.
func (s Strings) Values() []string {
	if s.single && s.values[0] == "" {
		return nil
	}
	return s.values
}

// UnmarshalJSON reads a string, a list or null.
func (s *Strings) UnmarshalJSON(raw []byte) error {
	*s = Strings{}
	if string(raw) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*s = Strings{values: []string{one}, single: true}
		return nil
	}
	s.values = []string{}
	if err := json.Unmarshal(raw, &s.values); err != nil {
		return fmt.Errorf("want a string or a list of them")
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (s Strings) MarshalJSON() ([]byte, error) {
	switch {
	case s.values == nil:
		return []byte("null"), nil
	case s.single:
		return json.Marshal(s.values[0])
	}
	return json.Marshal(s.values)
}
