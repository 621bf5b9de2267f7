package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// toJSON is the filter tojson: JSON in the layout of Python's json.dumps, with a space after commas and colons, or
// indented.
func toJSON(_ *exec.Evaluator, in *exec.Value, args *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	raw, err := marshal(plain(in.Interface()))
	if err != nil {
		return exec.AsValue(fmt.Errorf("tojson: %w", err))
	}
	if v, ok := args.KwArgs["indent"]; ok && v.IsInteger() {
		var out bytes.Buffer
		if err := json.Indent(&out, raw, "", strings.Repeat(" ", max(0, v.Integer()))); err != nil {
			return exec.AsValue(fmt.Errorf("tojson: %w", err))
		}
		return exec.AsSafeValue(out.String())
	}
	return exec.AsSafeValue(spaced(raw))
}

// plain takes values out of the engine's wrapping. Maps that a template writes itself keep their order.
func plain(v any) any {
	switch v := v.(type) {
	case *exec.Value:
		return plain(v.Interface())
	case exec.ValuesList:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plain(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plain(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plain(x)
		}
		return out
	case *exec.Dict:
		return ordered(v.Pairs)
	case exec.Dict:
		return ordered(v.Pairs)
	}
	return v
}

// ordered is a map of a template.
type ordered []*exec.Pair

func (o ordered) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, p := range o {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := marshal(p.Key.String())
		if err != nil {
			return nil, err
		}
		value, err := marshal(plain(p.Value))
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// marshal is json.Marshal without escapes for HTML.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(buf.Bytes()), err
}

// spaced puts a space after each comma and colon of compact JSON, and takes other space away.
func spaced(raw []byte) string {
	var out strings.Builder
	inText := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inText && c == '\\':
			out.WriteByte(c)
			i++
			c = raw[i]
		case c == '"':
			inText = !inText
		case !inText && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out.WriteByte(c)
		if !inText && (c == ',' || c == ':') {
			out.WriteByte(' ')
		}
	}
	return out.String()
}
