package pefttest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Case is one configuration of a method, to be tried under every law. Either Config or JSON is set; everything else may
// be left out.
type Case struct {
	// Name stands in messages. "" means the config's peft_type.
	Name string

	// Config holds the method's settings as a program gives them to peft.Attach. Its type must be registered
	// ([seam.Register]), and must be a pointer to a struct. At least one value must train, and the adapter must change the
	// logits of the backbone: an adapter that acts on nothing can't be told from one that is broken.
	Config peft.Config
	// JSON holds the settings as the content of an adapter_config.json, in place of Config. It is the way to try a setting
	// as a file has it.
	JSON string

	// Trainable is the number of trainable values that the method's paper gives for these settings on the backbone, worked
	// out by hand from the widths that [Tiny] lists. 0 leaves it unchecked.
	Trainable int

	// Bad lists settings that the method must refuse with an error that names the field. The suite tries wrong types and
	// odd values at every key by itself; this is for what only the method knows, as a rank that does not divide a width.
	Bad []Bad

	// NoMerge says that this case can't be merged, though its method has a seam.Merger: merging must then give
	// peft.ErrMerge. Cases of a method without a Merger need not say it.
	NoMerge bool

	// Backbone makes the network that the method is tried on. It is called several times for each law and must give a fresh
	// backbone each time, made by [Tiny] or [Convolved]. nil means Tiny.
	Backbone func() (*peft.Backbone, error)

	// Arguments gives what the adapter asks for beside the network's own arguments (seam.Asker), for a batch of so many rows.
	// nil means nothing.
	Arguments func(rows int) peft.Tensors
}

// Bad is a change to a Case's settings that must be refused, at the latest when the adapter is attached.
type Bad struct {
	// Change is a JSON object whose keys replace those of the config, such as {"r": 0}.
	Change string
	// Field is the key that the error must name: the Field of a seam.FieldError or seam.TargetError, or the Option of a
	// seam.UnsupportedError.
	Field string
}

// LawError says which law a case breaks, and what was seen. It is what Check joins.
type LawError struct {
	Case string // the case's name
	Law  string // the law's name, as "init/identity"
	Rule string // what the law asks for
	Why  string // why it matters
	Err  error  // what was seen
}

// Error gives what was seen first, then the rule and its reason, each on a line of its own.
func (e *LawError) Error() string {
	return fmt.Sprintf("%s breaks %s: %v\n\trule: %s\n\twhy: %s", e.Case, e.Law, e.Err, e.Rule, e.Why)
}

// Unwrap gives what was seen.
func (e *LawError) Unwrap() error { return e.Err }

// prepared reads a case's settings and refuses a case that no law could be tried with.
func (c Case) prepared() (Case, error) {
	if (c.Config == nil) == (c.JSON == "") {
		return c, errors.New("pefttest: a Case needs either Config or JSON")
	}
	if c.Config == nil {
		cfg, err := peft.ParseConfig([]byte(c.JSON))
		if err != nil {
			return c, fmt.Errorf("pefttest: Case.JSON: %w", err)
		}
		c.Config = cfg
	}
	if _, err := seam.CloneConfig(c.Config); err != nil { // what no adapter could be made of
		return c, fmt.Errorf("pefttest: Case.Config: %w", err)
	}
	if _, ok := maps.Collect(seam.Types())[c.Config.PEFTType()]; !ok {
		return c, fmt.Errorf("pefttest: Case.Config: %w %q: it must be registered with seam.Register", peft.ErrUnknownType, c.Config.PEFTType())
	}
	c.Name = cmp.Or(c.Name, c.Config.PEFTType())
	if c.Backbone == nil {
		c.Backbone = Tiny
	}
	b, err := c.Backbone()
	if err == nil {
		_, err = networkOf(b)
	}
	if err != nil {
		return c, fmt.Errorf("pefttest: %s: Case.Backbone: %w", c.Name, err)
	}
	return c, nil
}
