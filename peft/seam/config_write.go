package seam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// encodeConfig writes cfg as HF PEFT does: every key, sorted, indented by two.
func encodeConfig(cfg Config, fixed map[string]string) ([]byte, error) {
	out := map[string]json.RawMessage{
		"peft_type":    json.RawMessage(fmt.Sprintf("%q", cfg.PEFTType())),
		"peft_version": json.RawMessage(`"` + FormatVersion + `"`),
	}
	for k, v := range cfg.Shared().Extra {
		out[k] = v
	}
	for k, v := range fixed {
		out[k] = json.RawMessage(v)
	}
	v := reflect.ValueOf(cfg).Elem()
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		switch {
		case !unset(fv):
			if isNumber(fv) && fv.Float() == Zero {
				fv = reflect.ValueOf(0.0)
			}
			raw, err := json.Marshal(fv.Interface())
			if err != nil {
				return nil, Fieldf(f.name, "%v", err)
			}
			if n := reflect.Indirect(fv); isNumber(n) {
				if raw = pythonFloat(n.Float()); strings.ContainsAny(f.def, ".e") && !bytes.ContainsAny(raw, ".e") {
					raw = append(raw, '.', '0')
				}
			}
			out[f.name] = raw
		case f.def != "-":
			out[f.name] = json.RawMessage(f.def)
		}
	}
	out["inference_mode"] = json.RawMessage("true")
	if specs[cfg.PEFTType()].SavesNoModules {
		delete(out, "modules_to_save")
	}
	return indentSorted(out)
}

// pythonFloat writes a finite number as Python does: with an exponent where it is below 1e-4 or at least 1e16.
func pythonFloat(v float64) []byte {
	if size := math.Abs(v); v != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.AppendFloat(nil, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(nil, v, 'f', -1, 64)
}

func indentSorted(keys map[string]json.RawMessage) ([]byte, error) {
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	sort.Strings(names)
	var b bytes.Buffer
	b.WriteString("{")
	for i, k := range names {
		if i > 0 {
			b.WriteString(",")
		}
		name, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteString(":")
		b.Write(keys[k])
	}
	b.WriteString("}")
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, b.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	return pretty.Bytes(), nil
}
