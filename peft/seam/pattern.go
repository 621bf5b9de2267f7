package seam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/gopeft/gopeft/internal/names"
)

// matchLimit bounds one regular expression match: patterns come from files, and Python's syntax backtracks.
const matchLimit = time.Second

// compilePattern compiles a Python regular expression, which regexp2 follows where Go's own package can't
// (look-around, back-references). It stands between before and after, which an error does not show.
func compilePattern(before, expr, after string) (*regexp2.Regexp, error) {
	if _, err := regexp2.Compile(expr, regexp2.None); err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %v", expr, err)
	}
	re, err := regexp2.Compile(before+expr+after, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %v", expr, err)
	}
	re.MatchTimeout = matchLimit
	return re, nil
}

// fullMatch is Python's re.fullmatch.
func fullMatch(expr, text string) (bool, error) { return matchExpr(`\A(?:`, expr, `)\z`, text) }

// matchExpr reports whether expr is found in text, between before and after.
func matchExpr(before, expr, after, text string) (bool, error) {
	re, err := compilePattern(before, expr, after)
	if err != nil {
		return false, err
	}
	return re.MatchString(text)
}

// Rule gives the modules that match an expression a setting of their own.
type Rule[V any] struct {
	Match string // a regular expression in Python's syntax for the path, or for its end after a dot
	Value V
}

// Pattern gives modules a setting of their own by where they stand, as HF PEFT's rank_pattern and alpha_pattern: the first
// rule that matches decides. The zero value has no rules.
type Pattern[V any] []Rule[V]

// For gives the setting of the module at a path, or def where no rule matches. A rule that is no regular expression is an
// error.
func (p Pattern[V]) For(path string, def V) (V, error) {
	for _, rule := range p {
		ok, err := matchExpr(`\A(?:.*\.)?(?:`, rule.Match, `)\z`, path)
		if err != nil {
			return def, err
		}
		if ok {
			return rule.Value, nil
		}
	}
	return def, nil
}

// check reports a rule that matches none of the paths.
func (p Pattern[V]) check(field string, paths []string) error {
	for _, rule := range p {
		one, found := Pattern[bool]{{Match: rule.Match, Value: true}}, false
		for _, path := range paths {
			ok, err := one.For(path, false)
			if err != nil {
				return Fieldf(field, "%v", err)
			}
			if found = ok; ok {
				break
			}
		}
		if !found {
			return &TargetError{Field: field, Name: rule.Match, Near: names.Near(rule.Match, paths, 5)}
		}
	}
	return nil
}

// UnmarshalJSON reads an object, keeping the order of its keys.
func (p *Pattern[V]) UnmarshalJSON(raw []byte) error {
	*p = nil
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return fmt.Errorf("want an object of patterns")
	}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		rule := Rule[V]{Match: tok.(string)} // the decoder yields nothing else as a key
		if err := dec.Decode(&rule.Value); err != nil {
			return err
		}
		*p = append(*p, rule)
	}
	return nil
}

// MarshalJSON writes an object with the rules in their order.
func (p Pattern[V]) MarshalJSON() ([]byte, error) {
	b := []byte("{")
	for i, rule := range p {
		if i > 0 {
			b = append(b, ',')
		}
		k, err := json.Marshal(rule.Match)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(rule.Value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, k...), ':'), v...)
	}
	return append(b, '}'), nil
}
