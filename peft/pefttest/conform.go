package pefttest

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"testing"
)

// Conform tests one configuration of a method: a subtest for each law, named like it, so that
//
//	go test -run 'TestMethod/merge/equivalent'
//
// runs one of them. A law that is broken fails its subtest with a [LawError]; a case that can't be tried at all fails t.
func Conform(t *testing.T, c Case) {
	t.Helper()
	c, err := c.prepared()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range laws() {
		t.Run(l.name, func(t *testing.T) {
			if err := l.check(c); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check tries one configuration of a method outside of a test. The error joins a [LawError] for each law that is broken; it
// is nil where none is. A case that can't be tried at all gives one error that is no LawError and names the field of the
// case.
func Check(c Case) error {
	c, err := c.prepared()
	if err != nil {
		return err
	}
	var broken []error
	for _, l := range laws() {
		broken = append(broken, l.check(c))
	}
	return errors.Join(broken...)
}

// check tries one law. A panic breaks it.
func (l law) check(c Case) (err error) {
	dir, err := os.MkdirTemp("", "conform")
	if err != nil {
		return err
	}
	defer func() {
		seen := error(nil)
		switch v := recover().(type) {
		case nil:
		case failure:
			seen = v.err
		default:
			seen = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
		if seen != nil {
			err = &LawError{Case: c.Name, Law: l.name, Rule: l.rule, Why: l.why, Err: seen}
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	l.hold(newTrial(c, dir))
	return nil
}
