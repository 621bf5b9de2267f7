package pefttest

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Case is one configuration of a method, tried under every law.
type Case struct {
	Name string
	// Config is the method's settings, or JSON is, as the content of an adapter_config.json. One of them is set. At
	// least one value must train, and the sites must be ones that Tiny's outputs depend on.
	Config peft.Config
	JSON   string
	// Trainable is the number of trainable parameters on Tiny by the paper's formula; 0 leaves it unchecked.
	Trainable int
	// Bad are settings that must be refused.
	Bad []Bad
	// NoMerge says that the case's sites can't take the method up, though others can: merging gives ErrMerge.
	NoMerge bool
	// Backbone makes the network afresh at each call; nil means Tiny.
	Backbone func() (*peft.Backbone, error)
}

// Bad is a change to a Case's settings that must be refused, at the latest when the adapter is attached.
type Bad struct {
	Change string // a JSON object whose keys replace those of the config, such as {"r": 0}
	Field  string // the key that the error names
}

// LawError says that a case breaks a law.
type LawError struct {
	Case, Law string
	Why       string // what the law asks for
	Err       error
}

// Error implements error.
func (e *LawError) Error() string {
	return fmt.Sprintf("%s breaks %s (%s): %v", e.Case, e.Law, e.Why, e.Err)
}

// Unwrap gives what was seen.
func (e *LawError) Unwrap() error { return e.Err }

// Check tries a case under every law and gives a *LawError for each broken one, joined.
func Check(c Case) error {
	var broken []error
	for _, l := range laws() {
		broken = append(broken, l.check(c))
	}
	return errors.Join(broken...)
}

// Conform runs a subtest for each law.
func Conform(t *testing.T, c Case) {
	t.Helper()
	for _, l := range laws() {
		t.Run(l.name, func(t *testing.T) {
			if err := l.check(c); err != nil {
				t.Error(err)
			}
		})
	}
}

// ConformAll runs every registered method at its defaults, on query and value where it has target_modules. A method
// that can't be tried so gets a case named like its peft_type in place of that one; other cases are run as well.
func ConformAll(t *testing.T, more ...Case) {
	t.Helper()
	own := map[string]bool{}
	for _, c := range more {
		own[c.Name] = true
	}
	for name, cfg := range seam.Types() {
		if !own[name] {
			c, err := standard(name, cfg)
			if err != nil {
				t.Fatal(err)
			}
			more = append(more, c)
		}
	}
	for _, c := range more {
		t.Run(c.Name, func(t *testing.T) { Conform(t, c) })
	}
}

// standard is a method's case where none is given.
func standard(name string, cfg peft.Config) (Case, error) {
	raw, err := seam.MarshalConfig(cfg)
	if err != nil {
		return Case{}, err
	}
	keys, err := parseObject(raw)
	if err != nil {
		return Case{}, err
	}
	text := fmt.Sprintf(`{"peft_type": %q}`, name)
	if _, ok := keys["target_modules"]; ok {
		text = fmt.Sprintf(`{"peft_type": %q, "target_modules": ["query", "value"]}`, name)
	}
	return Case{Name: name, JSON: text}, nil
}

// law is one property. hold tries a case and calls trial.failf, or returns.
type law struct {
	name, why string
	hold      func(*trial)
}

// laws lists them all. A new law is a line here.
func laws() []law {
	return []law{
		{"config/roundtrip", "what is parsed is written back, byte for byte the second time", lawRoundtrip},
		{"config/zero-is-default", "a zero struct means the type's defaults", lawZeroIsDefault},
		{"config/bad", "bad settings give a typed error that names the field, and never a panic", lawBad},
		{"init/identity", "a fresh adapter leaves the outputs as they are", lawIdentity},
		{"params/count", "counts and keys agree with the planned values", lawCount},
		{"seed/deterministic", "equal seeds give equal values, others others", lawSeed},
		{"train/isolation", "every trainable value has a gradient, and nothing else changes", lawIsolation},
		{"train/learns", "the loss falls", lawLearns},
		{"grad/finite-difference", "gradients are those of the loss", lawGradient},
		{"merge/equivalent", "the merged backbone computes what the adapter did, or merging gives ErrMerge", lawMerge},
		{"unmerge", "unmerging gives the old values back, to the bit", lawUnmerge},
		{"disable/restores", "without adapters the backbone computes what it did, to the bit", lawDisable},
		{"graph/stable", "known shapes are not built again, and values are not built in", lawStable},
		{"graph/key", "settings that are built into a graph are in GraphKey", lawKey},
		{"save/roundtrip", "a saved adapter loads to the same bits, from reproducible files", lawSave},
		{"save/fault", "a failed write leaves the old files", lawFault},
		{"load/strict", "a missing, extra or misshapen tensor is refused by name", lawStrict},
		{"two/adapters", "adapters on one backbone do not touch each other", lawTwo},
		{"rows", "a mixed batch gives each row what its adapter gives alone", lawRows},
		{"concurrent", "calls at the same time give what calls one by one do", lawConcurrent},
		{"ctx/cancel", "a cancelled context runs nothing", lawCancel},
		{"half", "on a bfloat16 backbone outputs and gradients stay finite", lawHalf},
	}
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
			err = &LawError{Case: c.Name, Law: l.name, Why: l.why, Err: seen}
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	l.hold(newTrial(c, dir))
	return nil
}
