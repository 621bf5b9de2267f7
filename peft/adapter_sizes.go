package peft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/peft/seam"
)

// Info describes the model with this adapter: its classes are those of the adapter's own head, where it has one, and
// its vocabulary is the adapter's, where that was resized. All else is the model's.
func (a *Adapter) Info() Info {
	a = a.made()
	info := a.backbone.Info()
	if own := a.classes(); own != nil {
		info.Classes = own
	}
	return info
}

// Info describes the model with the selected adapters: the names of the classes that its logits stand for, and the
// size of the vocabulary that token ids must be below. The names are those of the last adapter in the selection that
// has a head of its own, else the model's. Errors are those of a call with the selection.
func (a *Adapted) Info(sel Selection) (Info, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return Info{}, err
	}
	info := act.on.Info()
	for _, s := range slices.Backward(act.slots) {
		if own := s.adapter.classes(); own != nil {
			info.Classes = own
			break
		}
	}
	return info, nil
}

// resized gives the backbone that a selection acts on: the Adapted's or, with an adapter that has its own vocabulary
// or classes, one of these sizes. No other adapter may then act on a value that has another size.
func (a *Adapted) resized(sel Selection, chains []chain) (*Backbone, error) {
	var all []*Adapter
	for _, ch := range chains {
		for _, name := range ch.names {
			ad, err := a.Adapter(name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(all, ad) {
				all = append(all, ad)
			}
		}
	}
	i := slices.IndexFunc(all, func(ad *Adapter) bool { return ad.ownSized != nil })
	if i < 0 {
		return a.backbone, nil
	}
	own := all[i]
	if len(chains) > 1 || chains[0].weighted {
		return nil, a.unmixed(sel, all, "can't be averaged")
	}
	for _, ad := range all {
		if ad != own && !ad.hasBlocksOf(own) && ad.touches(own.ownSized) {
			return nil, a.unmixed(sel, all, "can't act together")
		}
	}
	return a.onOf(own), nil
}

// resizedRows is resized for a batch whose rows take these adapters; of has the index of each row's, -1 for the model
// alone. Adapters of other sizes than the model's go together where all have the same sizes and each trains all
// values that have another size.
func (a *Adapted) resizedRows(sel Selection, members []*Adapter, of []int) (*Backbone, error) {
	i := slices.IndexFunc(members, func(ad *Adapter) bool { return ad.ownSized != nil })
	if i < 0 {
		return a.backbone, nil
	}
	own := members[i]
	for _, ad := range members {
		if ad != own && !ad.hasBlocksOf(own) && (ad.ownSized == nil || !ad.backbone.isSized(own.backbone) || !ad.replaces(ad.ownSized) || !own.replaces(own.ownSized)) {
			return nil, a.unmixed(sel, members, "can't be mixed in one batch")
		}
	}
	if slices.Contains(of, -1) {
		return nil, a.unmixed(sel, members, "can't be mixed in one batch with the bare backbone")
	}
	return a.onOf(own), nil
}

// onOf gives the backbone that an adapter of its own sizes acts on: the adapter's, or the Adapted's where that has
// these sizes itself.
func (a *Adapted) onOf(ad *Adapter) *Backbone {
	if a.backbone.isSized(ad.backbone) && slices.Equal(a.backbone.layers, ad.backbone.layers) {
		return a.backbone
	}
	return ad.backbone
}

// hasBlocksOf reports whether both act on one and the same list of blocks, another one than their backbone's.
func (a *Adapter) hasBlocksOf(other *Adapter) bool {
	return a.backbone.layers != nil && slices.Equal(a.backbone.layers, other.backbone.layers) && a.backbone.isSized(other.backbone)
}

// touches reports whether the adapter acts at the module of one of these values, or replaces one of them.
func (a *Adapter) touches(paths []string) bool {
	within := func(module string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { own, _ := names.CutLast(p); return own == module })
	}
	if slices.ContainsFunc(a.plan.Sites, within) {
		return true
	}
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; within(p.Site) || slices.ContainsFunc(paths, p.Takes) {
			return true
		}
	}
	return false
}

// replaces reports whether the adapter has a value of its own in place of each of these.
func (a *Adapter) replaces(paths []string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool {
		return !slices.ContainsFunc(a.plan.Params, func(p seam.Param) bool { return p.Takes(path) })
	})
}

// unmixed says why adapters of different sizes don't go together.
func (a *Adapted) unmixed(sel Selection, all []*Adapter, why string) error {
	var own []string
	for _, ad := range all {
		info := ad.Info()
		own = append(own, fmt.Sprintf("%q has %s", ad.name, counted(info.Vocab, len(info.Classes))+ad.backbone.blocks()))
	}
	info := a.backbone.Info()
	return fmt.Errorf("%w: %s: adapters with a vocabulary, classes or blocks of their own %s: %s; the backbone has %s",
		ErrAdapter, sel, why, strings.Join(own, ", "), counted(info.Vocab, len(info.Classes))+a.backbone.blocks())
}
