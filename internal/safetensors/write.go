package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/atomicfile"
)

// Write puts tensors into the file at path, see [Encode]. The file is replaced
// atomically: after an error the old one stands.
func Write(path string, values map[string]*tensors.Tensor, metadata map[string]string) error {
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		return Encode(w, values, metadata)
	})
}

// Encode writes tensors in the safetensors format. Equal arguments give equal
// bytes. Nil metadata stands for {"format": "pt"}, which HF's readers ask for;
// an empty map for none. Any values may be written, NaN and infinities too. A
// tensor of a dtype without a name in the format gives [ErrDType].
//
// Tensors are read while w is written, one at a time, and may lie on a device.
func Encode(w io.Writer, values map[string]*tensors.Tensor, metadata map[string]string) error {
	if metadata == nil {
		metadata = map[string]string{"format": "pt"}
	}
	names, err := layout(values)
	if err != nil {
		return err
	}
	head, err := encodeHeader(names, values, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("safetensors: write the header: %w", err)
	}
	for _, name := range names {
		var writeErr error
		err := values[name].ConstBytes(func(data []byte) { _, writeErr = w.Write(data) })
		if err := errors.Join(err, writeErr); err != nil {
			return fmt.Errorf("safetensors: write tensor %s: %w", quote(name), err)
		}
	}
	return nil
}

// layout checks the tensors and returns their names in the order of the file:
// by dtype, the largest alignment first, then by name in byte order.
func layout(values map[string]*tensors.Tensor) ([]string, error) {
	names := slices.Sorted(maps.Keys(values))
	for _, name := range names {
		t := values[name]
		switch {
		case name == metadataKey:
			return nil, fmt.Errorf("safetensors: a tensor can't have the name %s", metadataKey)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("safetensors: tensor name %q isn't valid UTF-8", name)
		case t == nil:
			return nil, fmt.Errorf("safetensors: tensor %s is nil", quote(name))
		case t.CheckValid() != nil:
			return nil, fmt.Errorf("safetensors: tensor %s: %w", quote(name), t.CheckValid())
		case dtypeRank(t.DType()) < 0:
			return nil, fmt.Errorf("safetensors: tensor %s: %w %s", quote(name), ErrDType, t.DType())
		case t.Rank() > maxAxes:
			return nil, fmt.Errorf("safetensors: tensor %s has %d axes, more than %d", quote(name), t.Rank(), maxAxes)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(dtypeRank(values[a].DType()), dtypeRank(values[b].DType()))
	})
	return names, nil
}

// encodeHeader returns the length and the header, padded to whole 8 bytes.
func encodeHeader(names []string, values map[string]*tensors.Tensor, metadata map[string]string) ([]byte, error) {
	out := make([]byte, lengthSize, 1<<10)
	sep := byte('{')
	if len(metadata) > 0 {
		out = append(out, `{"`+metadataKey+`":`...)
		for _, key := range slices.Sorted(maps.Keys(metadata)) {
			if !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
				return nil, fmt.Errorf("safetensors: metadata %q: %q isn't valid UTF-8", key, metadata[key])
			}
			out = append(out, sep)
			out = append(out, quoteJSON(key)+":"+quoteJSON(metadata[key])...)
			sep = ','
		}
		out = append(out, '}')
		sep = ','
	}
	offset := int64(0)
	for _, name := range names {
		t := values[name]
		out = append(out, sep)
		out = append(out, quoteJSON(name)+`:{"dtype":"`+dtypeTable()[dtypeRank(t.DType())].name+`","shape":[`...)
		for i, d := range t.Shape().Dimensions {
			if i > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendInt(out, int64(d), 10)
		}
		out = fmt.Appendf(out, `],"data_offsets":[%d,%d]}`, offset, offset+t.ByteSize())
		offset += t.ByteSize()
		sep = ','
	}
	if sep == '{' {
		out = append(out, sep)
	}
	out = append(out, '}')
	for len(out)%8 != 0 {
		out = append(out, ' ')
	}
	n := len(out) - lengthSize
	if n > maxHeader {
		return nil, fmt.Errorf("safetensors: a header of %d bytes is over the limit of %d", n, maxHeader)
	}
	binary.LittleEndian.PutUint64(out, uint64(n))
	return out, nil
}

// quoteJSON quotes as the reference writer does, which escapes only what JSON
// demands (encoding/json escapes more).
func quoteJSON(text string) string {
	out := make([]byte, 0, len(text)+2)
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\b':
			out = append(out, `\b`...)
		case c == '\f':
			out = append(out, `\f`...)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ':
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
