package pefttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// floatsOf copies a float32 tensor out.
func floatsOf(t *peft.Tensor) []float32 {
	var out []float32
	err := t.ConstFlatData(func(flat any) {
		if v, ok := flat.([]float32); ok {
			out = append(out, v...)
		}
	})
	if err == nil && len(out) != t.Size() {
		err = fmt.Errorf("%s is not float32", t.Shape())
	}
	if err != nil {
		panic(failure{err})
	}
	return out
}

func bytesOf(t *peft.Tensor) []byte {
	var out []byte
	if err := t.ConstBytes(func(data []byte) { out = bytes.Clone(data) }); err != nil {
		panic(failure{err})
	}
	return out
}

// same holds tensors equal to the bit.
func same(a, b *peft.Tensor) bool {
	return a.Shape().Equal(b.Shape()) && bytes.Equal(bytesOf(a), bytesOf(b))
}

func (tr *trial) mustBeSame(what string, want, got *peft.Tensor) {
	if !same(want, got) {
		tr.failf("%s: got %v, want %v to the bit", what, floatsOf(got), floatsOf(want))
	}
}

// mustBeNear bounds the largest difference, relative to the largest wanted value.
func (tr *trial) mustBeNear(what string, want, got *peft.Tensor, bound float64) {
	if d := distance(want, got); !(d <= bound) {
		tr.failf("%s: off by %.3g of the largest value, at most %g is allowed: got %v, want %v", what, d, bound, floatsOf(got), floatsOf(want))
	}
}

// distance is the largest difference, relative to the largest value of want; NaN where one is.
func distance(want, got *peft.Tensor) float64 {
	w, g := floatsOf(want), floatsOf(got)
	if len(w) != len(g) {
		return math.Inf(1)
	}
	worst, scale := 0.0, 0.0
	for i := range w {
		d := math.Abs(float64(w[i]) - float64(g[i]))
		if math.IsNaN(d) {
			return d
		}
		worst, scale = max(worst, d), max(scale, math.Abs(float64(w[i])))
	}
	return worst / max(scale, 1e-6)
}

// mustEqualValues compares adapters' values to the bit.
func (tr *trial) mustEqualValues(what string, want, got map[string][]byte) {
	if w, g := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(w, g) {
		tr.failf("%s: has the keys %v, want %v", what, g, w)
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal(want[k], got[k]) {
			tr.failf("%s: %s has changed", what, k)
		}
	}
}

// valuesOf copies an adapter's values out.
func valuesOf(a *peft.Adapted, name string) map[string][]byte {
	out := map[string][]byte{}
	for k, t := range get(a.Adapter(name)).Values() {
		out[k] = bytesOf(t)
	}
	return out
}

// frozenOf copies a backbone's values out.
func frozenOf(b *peft.Backbone) map[string][]byte {
	out := map[string][]byte{}
	for k, t := range b.Values() {
		out[k] = bytesOf(t)
	}
	return out
}

// parseObject splits a JSON object.
func parseObject(raw []byte) (map[string]json.RawMessage, error) {
	keys := map[string]json.RawMessage{}
	err := json.Unmarshal(raw, &keys)
	return keys, err
}

// change gives a config file with some keys replaced.
func change(raw []byte, with map[string]json.RawMessage) []byte {
	keys := get(parseObject(raw))
	maps.Copy(keys, with)
	return get(json.Marshal(keys))
}

// sameJSON compares values by content, numbers by value.
func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return bytes.Equal(get(json.Marshal(x)), get(json.Marshal(y)))
}
