package peft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Set gives an adapter new values by their keys in its file, or by the names that HF PEFT has for them while they
// train; those not named stay. The adapter takes the tensors over. Calls that run meanwhile see either all old values
// or all new ones.
//
// of is the config that the values were made with: that of the adapter itself ([Adapter.Config]) or of the folder
// that they were read from ([ReadConfig]). Tensors say nothing without it; LoRA's alpha, for one, is in the config
// alone. A config by which these values would compute something else than under the adapter's own is an error that
// names the setting and matches [ErrConfig]: [Adapted.Replace] takes over config and values. Shapes that don't fit
// match [ErrTensor], and so does a value that is not finite, a [NotFiniteError], unless opts have [AllowNotFinite]; no
// other option says anything here.
func (a *Adapter) Set(of Config, values Tensors, opts ...Option) error {
	if a == nil || a.plan == nil {
		return errNoBackbone
	}
	if err := a.sameMeaning(of); err != nil {
		return err
	}
	return a.publish(values, gather(opts))
}

// Publish gives an adapter the values that a training step of your own has computed from its old ones. They are in
// the order of [Adapted.Trainable] and, where there are more, of [Adapted.Moving], as [Adapted.Run] takes and gives
// them. The adapter takes the tensors over. Calls that run meanwhile see either all old values or all new ones.
// Another number of values matches [ErrAdapter], another shape [ErrTensor].
func (a *Adapter) Publish(values []*Tensor) error {
	if a == nil || a.plan == nil {
		return errNoBackbone
	}
	act := &active{slots: []activeSlot{a.slot()}}
	if values == nil {
		values = []*Tensor{} // to override nothing is for Run
	}
	if err := act.override(values); err != nil {
		return err
	}
	a.values.Store(&snapshot{act.slots[0].values})
	return nil
}

// fits checks a value that is to stand for a param.
func fits(key string, p *seam.Param, t *Tensor) error {
	switch {
	case t == nil:
		return &TensorError{Tensor: key, Reason: "is nil"}
	case !t.Ok():
		return &TensorError{Tensor: key, Reason: "was finalized: its memory is gone"}
	case t.DType() != p.GraphDType():
		return &TensorError{Tensor: key, Reason: fmt.Sprintf("holds %s, want %s", t.DType(), p.GraphDType())}
	case !slices.Equal(t.Shape().Dimensions, p.Shape):
		return &TensorError{Tensor: key, Reason: fmt.Sprintf("has shape %v, want %v", t.Shape().Dimensions, p.Shape)}
	}
	return nil
}

// publish is Set for values that were made with the adapter's own config.
func (a *Adapter) publish(values Tensors, o options) error {
	next := slices.Clone(a.values.Load().values)
	left := len(values)
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		key := p.FileKey()
		t, ok := values[key]
		if other, twice := values[p.Alias]; twice && p.Alias != "" {
			if ok {
				return &TensorError{Tensor: p.Alias, Reason: "is the same value as " + key}
			}
			key, t, ok = p.Alias, other, true
		}
		if !ok || p.Const != nil {
			continue
		}
		left--
		if p.IsWhole() {
			whole, err := seam.Whole(t)
			if err != nil {
				return &TensorError{Tensor: key, Reason: err.Error()}
			}
			t = whole
		}
		if err := fits(key, p, t); err != nil {
			return err
		}
		if !o.notFinite {
			if at, value, err := safetensors.NotFinite(t); err != nil {
				return &TensorError{Tensor: key, Reason: err.Error()}
			} else if at >= 0 {
				return notFinite("", key, at, value)
			}
		}
		next[i] = t
	}
	if left > 0 {
		for key := range values {
			if _, err := a.Value(key); err != nil && !a.redundant(key) {
				return err
			}
		}
	}
	a.values.Store(&snapshot{next})
	return nil
}

// sameMeaning refuses a config under which the same values compute something else than under the adapter's own.
func (a *Adapter) sameMeaning(of Config) error {
	if of == nil {
		return fmt.Errorf("%w: values need the config that they were made with: Config of their adapter, or ReadConfig of their folder", ErrConfig)
	}
	if reflect.DeepEqual(of, a.cfg) { // as mostly
		return nil
	}
	own, err := seam.MarshalConfig(a.cfg)
	if err != nil {
		return err
	}
	theirs, err := seam.MarshalConfig(of)
	if err != nil || bytes.Equal(own, theirs) {
		return err
	}
	other, err := newAdapter(a.name, a.backbone, of, seam.Planning{Lenient: true, Loaded: true})
	if err != nil {
		return err
	}
	if a.computesAs(other) {
		return nil
	}
	field, want, got := a.difference(own, theirs)
	return seam.Fieldf(field, "is %s where the values come from, and %s in adapter %q: Replace takes over config and values", got, want, a.name)
}

// computesAs reports whether the same values compute the same in two adapters.
func (a *Adapter) computesAs(b *Adapter) bool {
	return a.cfg.PEFTType() == b.cfg.PEFTType() && a.key == b.key && slices.EqualFunc(a.plan.Params, b.plan.Params, sameConst)
}

func sameConst(p, q seam.Param) bool { return slices.Equal(p.Const, q.Const) }

// difference names the key of a config by which it computes something else than the adapter's own, or else the first
// in which the two differ, and gives both values.
func (a *Adapter) difference(own, theirs []byte) (key, here, there string) {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(own, &x) != nil || json.Unmarshal(theirs, &y) != nil || !bytes.Equal(x["peft_type"], y["peft_type"]) {
		return "peft_type", a.cfg.PEFTType(), "another"
	}
	for _, k := range slices.Sorted(maps.Keys(x)) {
		if bytes.Equal(x[k], y[k]) {
			continue
		}
		if key == "" {
			key = k
		}
		one := maps.Clone(x)
		one[k] = y[k]
		if !a.computesAsConfig(one) {
			key = k
			break
		}
	}
	return key, string(x[key]), string(y[key])
}

func (a *Adapter) computesAsConfig(keys map[string]json.RawMessage) bool {
	raw, err := json.Marshal(keys)
	if err != nil {
		return false
	}
	cfg, err := seam.ParseConfig(raw)
	if err != nil {
		return false
	}
	b, err := newAdapter(a.name, a.backbone, cfg, seam.Planning{Lenient: true, Loaded: true})
	return err == nil && a.computesAs(b)
}
