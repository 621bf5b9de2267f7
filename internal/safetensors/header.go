package safetensors

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

const (
	lengthSize  = 8           // bytes of the header's length
	maxHeader   = 100_000_000 // bytes, the reference reader's limit
	maxDepth    = 126         // of a value that is skipped; 128 with the objects around it, as in the reference
	maxAxes     = 64          // torch's limit; bounds what a header can make us allocate
	metadataKey = "__metadata__"
)

// header is what a file says about its data.
type header struct {
	metadata map[string]string // nil if there is none
	entries  []entry           // in the order of the data
}

// entry is one tensor: its description and its place, counted from the first
// data byte.
type entry struct {
	Info
	begin, end int64
}

// parseHeader reads a header and checks it against the size of the data.
// Errors are of type *FormatError, without a path.
func parseHeader(text []byte, dataSize int64) (*header, error) {
	if !utf8.Valid(text) {
		return nil, &FormatError{Reason: "the header isn't valid UTF-8"}
	}
	h := &header{}
	s := &scanner{data: text}
	seen := map[string]bool{}
	err := s.object(func(key string) error {
		if seen[key] {
			return &FormatError{Tensor: key, Reason: "the name occurs twice"}
		}
		seen[key] = true
		if key == metadataKey {
			return h.parseMetadata(s)
		}
		e, err := parseEntry(s, key)
		if err != nil {
			return asFormat(err, key)
		}
		h.entries = append(h.entries, e)
		return nil
	})
	if err == nil {
		err = s.end()
	}
	if err == nil {
		err = h.checkLayout(dataSize)
	}
	if err != nil {
		return nil, asFormat(err, "")
	}
	return h, nil
}

// asFormat makes a FormatError of any other error.
func asFormat(err error, tensor string) error {
	if errors.Is(err, ErrFormat) {
		return err
	}
	return &FormatError{Tensor: tensor, Reason: "malformed header", Err: err}
}

func (h *header) parseMetadata(s *scanner) (err error) {
	if s.null() {
		return nil
	}
	if h.metadata, err = s.strings(); err != nil {
		return &FormatError{Reason: "malformed " + metadataKey, Err: err}
	}
	return nil
}

// parseEntry reads the description of one tensor. Unknown fields are skipped,
// as the reference reader does.
func parseEntry(s *scanner, name string) (entry, error) {
	e := entry{Info: Info{Name: name, Shape: []int{}}}
	var dtype dtypeInfo
	var offsets []int64
	seen := map[string]bool{}
	err := s.object(func(key string) (err error) {
		known := key == "dtype" || key == "shape" || key == "data_offsets"
		if known && seen[key] {
			return s.errorf("field %s occurs twice", key)
		}
		switch key {
		case "dtype":
			seen[key] = true
			dtype, err = parseDType(s, name)
		case "shape":
			seen[key] = true
			e.Shape, err = parseShape(s)
		case "data_offsets":
			seen[key] = true
			offsets, err = parseOffsets(s)
		default:
			err = s.skip(maxDepth)
		}
		return err
	})
	if err != nil {
		return e, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return e, s.errorf("field %s is missing", key)
		}
	}
	e.DType, e.begin, e.end = dtype.dtype, offsets[0], offsets[1]
	return e, e.checkSize(dtype)
}

func parseDType(s *scanner, tensor string) (dtypeInfo, error) {
	name, err := s.str()
	if err != nil {
		return dtypeInfo{}, err
	}
	d, ok := dtypeByName(name)
	if !ok {
		return d, &FormatError{Tensor: tensor, Reason: "dtype " + quote(name), Err: ErrDType}
	}
	return d, nil
}

func parseShape(s *scanner) ([]int, error) {
	shape := []int{}
	err := s.list('[', ']', func() error {
		n, err := s.integer()
		switch {
		case err != nil:
			return err
		case n > math.MaxInt:
			return s.errorf("dimension %d overflows", n)
		case len(shape) == maxAxes:
			return s.errorf("the shape has more than %d axes", maxAxes)
		}
		shape = append(shape, int(n))
		return nil
	})
	return shape, err
}

func parseOffsets(s *scanner) ([]int64, error) {
	offsets := make([]int64, 0, 2)
	err := s.list('[', ']', func() error {
		n, err := s.integer()
		if err == nil && len(offsets) == 2 {
			err = s.errorf("data_offsets has more than 2 numbers")
		}
		offsets = append(offsets, n)
		return err
	})
	if err == nil && len(offsets) != 2 {
		err = s.errorf("data_offsets has %d numbers, not 2", len(offsets))
	}
	return offsets, err
}

// checkSize compares the offsets with the shape's size.
func (e *entry) checkSize(dtype dtypeInfo) error {
	size := int64(1)
	for _, d := range append(slices.Clone(e.Shape), int(dtype.size)) {
		if d > 0 && size > math.MaxInt64/int64(d) {
			return &FormatError{Tensor: e.Name, Reason: fmt.Sprintf("the size of shape %v overflows", e.Shape)}
		}
		size *= int64(d)
	}
	if e.begin > e.end || e.end-e.begin != size {
		return &FormatError{Tensor: e.Name, Reason: fmt.Sprintf(
			"data_offsets [%d, %d] don't fit %s %v of %d bytes", e.begin, e.end, dtype.name, e.Shape, size)}
	}
	return nil
}

// checkLayout sorts the tensors by offset and fails unless they cover the data
// exactly.
func (h *header) checkLayout(dataSize int64) error {
	slices.SortFunc(h.entries, func(a, b entry) int {
		// An empty tensor lies before the one that begins at the same place.
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.Name, b.Name))
	})
	at := int64(0)
	for _, e := range h.entries {
		fault := ""
		switch {
		case e.end > dataSize:
			fault = fmt.Sprintf("ends at byte %d of %d data bytes", e.end, dataSize)
		case e.begin < at:
			fault = "overlaps the tensor before it"
		case e.begin > at:
			fault = fmt.Sprintf("leaves a hole of %d bytes before it", e.begin-at)
		}
		if fault != "" {
			return &FormatError{Tensor: e.Name, Reason: fault}
		}
		at = e.end
	}
	if at != dataSize {
		return &FormatError{Reason: fmt.Sprintf("%d bytes after the last tensor", dataSize-at)}
	}
	return nil
}
