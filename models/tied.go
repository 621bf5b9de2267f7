package models

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/arch"
)

// tie lets a value be the same as another unless the checkpoint holds both with different content: then, as in
// transformers 5, it is what the checkpoint says whatever the config does.
func (r *reader) tie(v arch.Value) error {
	name, ok := r.find(v)
	same := r.values[v.Tied]
	if ok && same != nil {
		if info, _ := r.file.Info(name); !slices.Equal(info.Shape, same.Shape().Dimensions) {
			return &WeightError{Path: r.dir, Reason: fmt.Sprintf("tensor %q has shape %v, that of %s, which the config ties it to, is %v",
				name, info.Shape, v.Tied, same.Shape().Dimensions)}
		}
		own, err := r.file.TensorAs(name, r.dtype)
		if err != nil {
			return err
		}
		if !own.Equal(same) {
			return r.keep(v.Path, own)
		}
	}
	r.tied[v.Path] = v.Tied
	return nil
}
