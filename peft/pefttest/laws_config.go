package pefttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Keys that say what file it is, and one that HF PEFT always writes as true.
var notSettings = []string{"peft_type", "peft_version", "inference_mode"}

func lawRoundtrip(tr *trial) {
	tr.checkTags()
	raw := get(seam.MarshalConfig(tr.cfg))
	again := tr.reparsed("the config", raw)
	tr.mustKeepFields(again)
	tr.mustKeepKey(raw, "conform_unknown", json.RawMessage(`{"deep":[1,2.5,"é",null]}`))
	for key, value := range get(parseObject(raw)) {
		if slices.Contains(notSettings, key) {
			continue
		}
		for _, v := range variants(value) {
			tr.mustKeepKey(raw, key, v)
		}
	}
}

// reparsed parses a file and holds its next writing equal to it.
func (tr *trial) reparsed(what string, raw []byte) peft.Config {
	cfg, err := peft.ParseConfig(raw)
	if err != nil {
		tr.failf("%s was written and is not read: %w", what, err)
	}
	if next := get(seam.MarshalConfig(cfg)); !bytes.Equal(raw, next) {
		tr.failf("%s is written differently the second time:\n%s\nthen\n%s", what, raw, next)
	}
	return cfg
}

// mustKeepKey sets one key: if the file is accepted, it is written back with it.
func (tr *trial) mustKeepKey(raw []byte, key string, value json.RawMessage) {
	cfg, err := peft.ParseConfig(change(raw, map[string]json.RawMessage{key: value}))
	if err != nil {
		return
	}
	out := get(seam.MarshalConfig(cfg))
	if got := get(parseObject(out))[key]; !sameJSON(got, value) {
		tr.failf("%s = %s is read, and written as %s", key, value, got)
	}
	tr.reparsed(fmt.Sprintf("%s = %s", key, value), out)
}

// variants are other values of the form that a key's own value has.
func variants(value json.RawMessage) []json.RawMessage {
	list := func(texts ...string) (out []json.RawMessage) {
		for _, t := range texts {
			out = append(out, json.RawMessage(t))
		}
		return out
	}
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return nil
	}
	switch v := v.(type) {
	case bool:
		return list(fmt.Sprint(!v))
	case float64:
		return list("0", fmt.Sprint(v+1), fmt.Sprint(2*v), fmt.Sprint(v/2), "0.25")
	case string:
		return list(`"conform"`)
	case []any:
		return list(`[]`, `["conform"]`, `[3,1]`)
	case map[string]any:
		return list(`{}`, `{"z.conform":1,"a":2}`, `{"conform":2.5}`)
	}
	return list("true", "1", `"conform"`, `["a","conform"]`, `[3,1]`, `{"conform":1}`)
}

// checkTags finds fields that no file can hold, and default tags that are no value of their field.
func (tr *trial) checkTags() {
	for _, f := range configFields(tr.cfg) {
		name, def := f.Tag.Get("json"), f.Tag.Get("default")
		if name == "" {
			tr.failf("field %s has no json tag", f.Name)
		}
		if def == "" {
			tr.failf("field %s has no default tag", f.Name)
		}
		if def == "null" || def == "-" {
			continue
		}
		if err := json.Unmarshal([]byte(def), reflect.New(f.Type).Interface()); err != nil {
			tr.failf("field %s: its default tag %s is no value of it: %w", f.Name, def, err)
		}
	}
}

// mustKeepFields compares the case's struct with what was written and read of it: set fields as they were, unset ones
// at their default.
func (tr *trial) mustKeepFields(got peft.Config) {
	defaults := get(peft.ParseConfig(get(seam.MarshalConfig(tr.zero()))))
	for _, f := range configFields(tr.cfg) {
		if f.Name == "InferenceMode" {
			continue
		}
		want := fieldOf(tr.cfg, f)
		if want.IsZero() {
			want = fieldOf(defaults, f)
		}
		if g := fieldOf(got, f); !reflect.DeepEqual(want.Interface(), g.Interface()) && !sameTargets(want, g) {
			tr.failf("field %s was %v and is read back as %v", f.Name, want, g)
		}
	}
}

// sameTargets passes over the order of names, which a file sorts.
func sameTargets(a, b reflect.Value) bool {
	x, ok := a.Interface().(peft.Targets)
	y, ok2 := b.Interface().(peft.Targets)
	return ok && ok2 && x.String() == y.String()
}

// zero is an empty config of the case's type.
func (tr *trial) zero() peft.Config {
	types := maps.Collect(seam.Types())
	zero, ok := types[tr.cfg.PEFTType()]
	if !ok {
		tr.failf("%s is not registered", tr.cfg.PEFTType())
	}
	return zero
}

// configFields lists the settings of a config struct, embedded ones included.
func configFields(cfg peft.Config) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(reflect.TypeOf(cfg).Elem()), func(f reflect.StructField) bool {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return f.Anonymous || !f.IsExported() || name == "-"
	})
}

func fieldOf(cfg peft.Config, f reflect.StructField) reflect.Value {
	return reflect.ValueOf(cfg).Elem().FieldByIndex(f.Index)
}

func lawZeroIsDefault(tr *trial) {
	zero := tr.zero()
	empty := get(peft.ParseConfig(fmt.Appendf(nil, `{"peft_type": %q}`, zero.PEFTType())))
	for _, f := range configFields(zero) {
		if z, e := fieldOf(zero, f), fieldOf(empty, f); !z.IsZero() || !e.IsZero() {
			tr.failf("field %s is %v in New's struct and %v from an empty file, want zero", f.Name, z, e)
		}
	}
	// What the struct leaves out and what a file spells out must be one adapter.
	full := get(peft.ParseConfig(get(seam.MarshalConfig(tr.cfg))))
	one, other := get(peft.Attach(tr.backbone(), "a", tr.cfg, fed(tr.cfg)...)), get(peft.Attach(tr.backbone(), "a", full, fed(full)...))
	tr.mustEqualValues("with all defaults spelled out the adapter", valuesOf(one, "a"), valuesOf(other, "a"))
	p, q := get(one.Adapter("a")).Params(), get(other.Adapter("a")).Params()
	for i := range p {
		if !slices.Equal(p[i].Const, q[i].Const) {
			tr.failf("%s of %q is %v, and with all defaults spelled out %v", p[i].Name, p[i].Site, p[i].Const, q[i].Const)
		}
	}
	if k, l := get(tr.cfg.Method()).GraphKey(), get(full.Method()).GraphKey(); k != l {
		tr.failf("GraphKey is %q, and with all defaults spelled out %q", k, l)
	}
}
