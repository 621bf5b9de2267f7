package peft

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Classes gives the names of the classes that a selection's logits stand for, by index: those of the last adapter in it
// that brings a head of its own, else the backbone's. For a Rows selection that is the last of its adapters; ask for each
// with Use.
func (a *Adapted) Classes(sel Selection) ([]string, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Backward(act.slots) {
		if own := s.adapter.Classes(); own != nil {
			return own, nil
		}
	}
	return slices.Clone(a.backbone.Info().Classes), nil
}

// Classes gives the names of the adapter's own classes by index, nil where it has no head of its own that tells classes
// apart. They are those of its config or, where that has none, the backbone's.
func (a *Adapter) Classes() []string {
	switch n := a.classes(); {
	case n == 0:
		return nil
	case len(a.cfg.Shared().Classes) == n:
		return slices.Clone(a.cfg.Shared().Classes)
	case len(a.backbone.Info().Classes) == n:
		return slices.Clone(a.backbone.Info().Classes)
	default:
		return seam.GenericClasses(n)
	}
}

// classes counts the classes of the adapter's own head, 0 where it has none.
func (a *Adapter) classes() int {
	if len(a.backbone.Info().Classes) == 0 {
		return 0
	}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Replaces != "" && p.Name == "weight" && a.backbone.site(p.Site).Role == "head" {
			return p.Shape[0]
		}
	}
	return 0
}

// checkClasses refuses names of classes that are not those of the adapter's head, and an order of them that the backbone
// contradicts: one of the two would name the wrong class.
func (a *Adapter) checkClasses() error {
	own, theirs := a.cfg.Shared().Classes, a.backbone.Info().Classes
	const field = "gopeft_labels"
	if len(own) == 0 {
		return nil
	}
	for i, name := range own {
		if first := slices.Index(own, name); first < i {
			return seam.Fieldf(field, "classes %d and %d are both %q", first, i, name)
		}
	}
	if n := a.classes(); n > 0 && n != len(own) {
		return seam.Fieldf(field, "has %d names (%s), the adapter's head has %d classes", len(own), strings.Join(own, ", "), n)
	}
	if seam.AreGeneric(theirs) || slices.Equal(own, theirs) || !sameNames(own, theirs) {
		return nil
	}
	return seam.Fieldf(field, "the adapter's classes are %s, the backbone's %s: open the backbone with the adapter's (models.LoadFor, models.Classes)",
		strings.Join(own, ", "), strings.Join(theirs, ", "))
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// savedClasses gives the names that go into the adapter's file: none for generic ones.
func (a *Adapter) savedClasses() []string {
	own := a.Classes()
	if own == nil || seam.AreGeneric(own) {
		return a.cfg.Shared().Classes
	}
	return own
}
