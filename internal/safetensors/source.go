package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/edsrzf/mmap-go"
)

// source is one opened file.
type source struct {
	path   string // empty when read from bytes or a reader
	r      io.ReaderAt
	mem    []byte // the whole file when it is in memory, else nil
	data   int64  // where the data begins
	header *header
	close  func() error // nil when there is nothing to close
}

// openSource maps a file into memory and reads its header.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	s, err := mapSource(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func mapSource(f *os.File) (*source, error) {
	path := f.Name()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &FormatError{Path: path, Reason: "not a regular file"}
	}
	if info.Size() < lengthSize { // an empty file can't be mapped
		return nil, tooShort(path, info.Size())
	}
	mapped, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("safetensors: map %s: %w", path, err)
	}
	// Tensors are read from the file, not from the map: pages of that would count as the process's memory beside the
	// tensors', and a file cut short meanwhile would end the process instead of the reading.
	s, err := newSource(path, f, int64(len(mapped)))
	if err != nil {
		return nil, errors.Join(err, mapped.Unmap())
	}
	s.mem = mapped
	s.close = func() error { return errors.Join(mapped.Unmap(), f.Close()) }
	return s, nil
}

// newSource reads the header of a file of the given size.
func newSource(path string, r io.ReaderAt, size int64) (*source, error) {
	if size < lengthSize {
		return nil, tooShort(path, size)
	}
	var length [lengthSize]byte
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, lengthSize), length[:]); err != nil {
		return nil, readError(path, "", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case string(length[:]) == "version ":
		return nil, &FormatError{Path: path, Reason: "is a pointer of Git LFS, not the file: fetch it with git lfs pull"}
	case n > maxHeader:
		return nil, &FormatError{Path: path, Reason: fmt.Sprintf("a header of %d bytes is over the limit of %d", n, maxHeader)}
	case int64(n) > size-lengthSize:
		return nil, &FormatError{Path: path, Reason: fmt.Sprintf("a header of %d bytes in a file of %d", n, size)}
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, lengthSize, int64(n)), text); err != nil {
		return nil, readError(path, "", err)
	}
	s := &source{path: path, r: r, data: lengthSize + int64(n)}
	var err error
	if s.header, err = parseHeader(text, size-s.data); err != nil {
		var format *FormatError
		if errors.As(err, &format) {
			format.Path = path
		}
		return nil, err
	}
	return s, nil
}

func tooShort(path string, size int64) error {
	return &FormatError{Path: path, Reason: fmt.Sprintf("%d bytes are too few for a header", size)}
}

// readError names the place of an error of reading, which may be that there is
// less to read than was said.
func readError(path, tensor string, err error) error {
	switch {
	case errors.Is(err, ErrFormat):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FormatError{Path: path, Tensor: tensor, Reason: "truncated", Err: err}
	}
	return fmt.Errorf("safetensors: read %s: %w", label(path, tensor), err)
}
