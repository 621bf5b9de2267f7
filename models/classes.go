package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// withClasses are the tasks whose heads tell classes apart. The ones for a whole input come first.
var withClasses = []string{arch.SequenceClass, arch.ImageClass, arch.AudioClass, arch.TokenClass}

func hasClasses(task string) bool { return slices.Contains(withClasses, task) }

// checkNames refuses names of classes that can't name them; what says who gave them.
func checkNames(what string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("%w: %s: no class is given", ErrOption, what)
	}
	at := map[string]int{}
	for i, name := range names {
		if name == "" {
			return fmt.Errorf("%w: %s: class %d has no name", ErrOption, what, i)
		}
		if first, ok := at[name]; ok {
			return fmt.Errorf("%w: %s: class %q is given twice, as class %d and class %d", ErrOption, what, name, first, i)
		}
		at[name] = i
	}
	return nil
}

// noClasses is the error of classes for a head that has none.
func noClasses(fam arch.Family, task string) error {
	has := "the head for task " + strconv.Quote(task) + " has no classes"
	if task == arch.Encoder {
		has = "a model without a head has no classes"
	}
	var ask []string
	for _, t := range withClasses {
		if _, err := classOf(fam, t); err == nil {
			ask = append(ask, fmt.Sprintf("Head(%q)", t))
		}
	}
	if len(ask) == 0 {
		return fmt.Errorf("%w: Classes: %s, and %s has no head that does", ErrOption, has, fam.ModelType)
	}
	return fmt.Errorf("%w: Classes: %s: ask for another with %s", ErrOption, has, strings.Join(ask, " or "))
}

// setLabels puts the classes into a config, and takes out what would contradict them.
func setLabels(cfg *arch.Config, labels []string) {
	byID, byName := map[string]string{}, map[string]int{}
	for i, name := range labels {
		byID[strconv.Itoa(i)], byName[name] = name, i
	}
	before := len(arch.Get(cfg, "id2label", map[string]any{}))
	if before == 0 {
		before = arch.Get(cfg, "num_labels", 2)
	}
	cfg.Set("id2label", byID)
	cfg.Set("label2id", byName)
	if cfg.Has("num_labels") {
		cfg.Set("num_labels", len(labels))
	}
	// The problem of the head before may be none of the new one's: a single class to choose from, or many numbers.
	problem, one := arch.Get(cfg, "problem_type", ""), len(labels) == 1
	if one && problem == "single_label_classification" || !one && problem == "regression" && before != len(labels) {
		cfg.Set("problem_type", nil)
	}
}

// newHead decides whether the checkpoint's head is drawn anew because it is for other classes than those asked for.
func newHead(own, asked []string) (bool, error) {
	if len(own) != len(asked) {
		return true, nil
	}
	if slices.Equal(own, asked) || seam.AreGeneric(own) || seam.AreGeneric(asked) {
		return false, nil
	}
	if slices.Equal(slices.Sorted(slices.Values(own)), slices.Sorted(slices.Values(asked))) {
		return false, fmt.Errorf("%w: Classes: the classes %q are those of the checkpoint in another order, which is %q: give them in that order", ErrOption, asked, own)
	}
	return true, nil
}
