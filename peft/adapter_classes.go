package peft

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// classes names the classes that the adapter's own head tells apart, nil where it has no head. The names are its
// config's or, where that has none, the backbone's.
func (a *Adapter) classes() []string {
	switch n := a.numClasses(); {
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

// numClasses counts the classes of the adapter's own head, 0 where it has none.
func (a *Adapter) numClasses() int {
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

// checkClasses refuses names of classes that don't fit the adapter's head, and the backbone's names in another order
// (theirs): one of the two would name the wrong class.
func (a *Adapter) checkClasses(theirs []string) error {
	own := a.cfg.Shared().Classes
	const field = "gopeft_labels"
	if len(own) == 0 {
		return nil
	}
	for i, name := range own {
		if first := slices.Index(own, name); first < i {
			return seam.Fieldf(field, "classes %d and %d are both %q", first, i, name)
		}
	}
	if n := a.numClasses(); n > 0 && n != len(own) {
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

// savedClasses gives the names that go into the adapter's file: none for generic ones such as LABEL_0.
func (a *Adapter) savedClasses() []string {
	own := a.classes()
	if own == nil || seam.AreGeneric(own) {
		return a.cfg.Shared().Classes
	}
	return own
}
