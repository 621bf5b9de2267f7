package train

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// Teacher is another model whose outputs a LossFunc reads, as in distillation (Hinton, Vinyals and Dean 2015,
// arXiv:1503.02531). It reads each batch before the model in training does, without dropout, and no gradient goes
// through it. A bare backbone is Teacher{Adapted: peft.New(backbone)}.
type Teacher struct {
	// Adapted is the model. Required.
	Adapted *peft.Adapted
	// Selection says which of its adapters act; the zero value selects none.
	Selection peft.Selection
	// Inputs names the tensors of a batch that it reads. Nil means those that the model in training reads, without
	// "labels" and, where the teacher knows no token types, without "token_type_ids".
	Inputs []string
}

// ask gives the teacher's outputs on a batch, on the engine of the model in training. The caller frees them.
func (t *Teacher) ask(ctx context.Context, batch, forward peft.Tensors, engine *peft.Engine) (peft.Tensors, error) {
	in := peft.Tensors{}
	for _, name := range t.Inputs {
		if in[name] = batch[name]; in[name] == nil {
			return nil, &peft.InputError{Name: name, Reason: "is missing in a batch: Options.Teacher.Inputs names it"}
		}
	}
	b := t.Adapted.Backbone()
	if t.Inputs == nil {
		maps.Copy(in, forward)
		delete(in, "labels")
		if !b.Info().TokenTypes {
			delete(in, "token_type_ids")
		}
	}
	if b.Engine() == engine {
		out, err := t.Adapted.Forward(ctx, t.Selection, in)
		return out, named(err)
	}
	// A tensor is of one engine, once one has run on it.
	if err := cloneAll(in); err != nil {
		return nil, named(err)
	}
	out, err := t.Adapted.Forward(ctx, t.Selection, in)
	if err != nil {
		return nil, named(err)
	}
	defer free(slices.Collect(maps.Values(out))...)
	defer free(slices.Collect(maps.Values(in))...)
	copied := maps.Clone(out)
	return copied, named(cloneAll(copied))
}

// named says of an error that it is the teacher's.
func named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("teacher: %w", err)
}

// cloneAll puts copies on the host in place of tensors.
func cloneAll(all peft.Tensors) error {
	for name, t := range all {
		clone, err := t.LocalClone()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[name] = clone
	}
	return nil
}

// write writes what the teacher's outputs depend on, for the identity of a run that trains an adapter.
func (t *Teacher) write(w io.Writer, trained *peft.Adapter) error {
	fmt.Fprintf(w, "%s %q\n", t.Selection, t.Inputs)
	if err := writeBackbone(w, t.Adapted.Backbone()); err != nil {
		return err
	}
	acting, err := t.Adapted.Trainable(t.Selection)
	if err != nil {
		return named(err)
	}
	seen := map[string]bool{}
	for _, p := range acting {
		ad, err := t.Adapted.Adapter(p.Adapter)
		if err != nil {
			return err
		}
		if ad == trained || seen[p.Adapter] { // the trained one's values are of one moment only
			continue
		}
		seen[p.Adapter] = true
		if err := writeAdapterConfig(w, ad); err != nil {
			return err
		}
		if err := writeTensors(w, ad.Values()); err != nil {
			return err
		}
	}
	return nil
}
