package models

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// LoadForClasses is Load for data whose labels have these names: it gives a model that tells them apart.
//
// A checkpoint with such a head keeps it where its classes include the names, all of its classes and their order with it:
// ask Info().Classes for them. Else the model gets a head for these names, under the rules of Classes. The head is the one
// that Head asks for; without Head the checkpoint's own where it has classes, and else its family's for a whole text,
// image or sound.
//
// One name makes a head for regression, and keeps a head of one output only. Names that are empty or twice there, none at
// all, names in Classes too, and a Head or a family without classes are ErrOption. Other errors are those of Load.
func LoadForClasses(dir string, names []string, opts ...LoadOption) (*peft.Backbone, error) {
	o, err := gather(opts)
	if err != nil {
		return nil, err
	}
	if o.hasLabels {
		return nil, fmt.Errorf("%w: LoadForClasses is given the classes %q, and Classes too", ErrOption, names)
	}
	if err := checkNames("LoadForClasses", names); err != nil {
		return nil, err
	}
	own, err := inspect(dir, &options{revision: o.revision})
	if o.hasTask && errors.Is(err, ErrFamily) {
		own, err = inspect(dir, &o) // whose own head is not known, and not asked for
	}
	if err != nil {
		return nil, err
	}
	if !o.hasTask {
		o.task, o.hasTask = own.classTask(), true
	}
	if own.Head != o.task || !includes(own.Classes, names) {
		o.labels, o.hasLabels = names, true
	}
	return load(dir, &o)
}

// classTask is the task of the model's own head where it has classes, else that of its family's for a whole input.
func (f *Folder) classTask() string {
	if hasClasses(f.Head) {
		return f.Head
	}
	for _, task := range withClasses {
		if _, err := classOf(f.family, task); err == nil && task != arch.TokenClass {
			return task
		}
	}
	return f.Head
}

// includes reports whether a head for own classes serves data with these.
func includes(own, names []string) bool {
	if len(names) == 1 && len(own) != 1 {
		return false // a number, no class
	}
	return !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(own, n) })
}
