package models

import (
	"fmt"

	"github.com/gopeft/gopeft/peft"
)

// gather applies options and checks what can be checked without a folder.
func gather(opts []LoadOption) (options, error) {
	var o options
	for i, f := range opts {
		if f == nil {
			return o, fmt.Errorf("%w: option %d of %d is nil", ErrOption, i+1, len(opts))
		}
		f(&o)
	}
	if o.on && o.given == nil {
		return o, fmt.Errorf("%w: On: the engine is nil", ErrOption)
	}
	if o.on && o.backend != "" {
		return o, fmt.Errorf("%w: On and Backend(%q) are both given: which engine is meant?", ErrOption, o.backend)
	}
	var err error
	if o.dtype, err = parseDType(o.dtypeName); err != nil {
		return o, err
	}
	if o.hasLabels {
		err = checkNames("Classes", o.labels)
	}
	return o, err
}

// engine gives the one that was given, or else the one that everyone shares who asks for the same name.
func (o *options) engine() (*peft.Engine, error) {
	if o.given != nil {
		return o.given, nil
	}
	return peft.SharedEngine(o.backend)
}
