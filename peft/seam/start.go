package seam

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Start says how a method draws first values (init_weights in files): Drawn, Random, or a word of the method's own. The zero
// value means Drawn.
type Start string

// The starts that most methods have.
const (
	Drawn  Start = "true"  // as the method's paper has it: mostly so that a fresh adapter changes nothing
	Random Start = "false" // every value random, for debugging
)

// Check refuses a start that is neither Drawn nor Random nor one of these words.
func (s Start) Check(field string, words ...string) error {
	return CheckWord(field, string(s), append([]string{string(Drawn), string(Random)}, words...)...)
}

// UnmarshalJSON reads true, false or a word.
func (s *Start) UnmarshalJSON(raw []byte) error {
	var yes bool
	if json.Unmarshal(raw, &yes) == nil {
		*s = Start(strconv.FormatBool(yes))
		return nil
	}
	if json.Unmarshal(raw, (*string)(s)) != nil {
		return errors.New("want true, false or a word")
	}
	return nil
}

// MarshalJSON writes true, false or the word.
func (s Start) MarshalJSON() ([]byte, error) {
	if s == Drawn || s == Random {
		return []byte(s), nil
	}
	return json.Marshal(string(s))
}
