package safetensors

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute/dtypes"
)

// Info describes a tensor.
type Info struct {
	Name  string
	DType dtypes.DType
	Shape []int // empty for a scalar
}

// File is an open set of named tensors: one safetensors file, or all the
// shards of a checkpoint. It may be used by several goroutines at once. Its
// zero value holds no tensors.
type File struct {
	path    string // empty when read from bytes or a reader
	sources []*source
	places  map[string]place
	names   []string // sorted

	mu     sync.RWMutex // held for reading while mapped memory is in use
	closed bool
}

// place is where a tensor lies.
type place struct {
	entry
	src *source
}

// Open opens the safetensors file at path, maps it into memory for [File.Bytes],
// and checks its header.
// A file that breaks the format gives a [*FormatError].
func Open(path string) (*File, error) {
	s, err := openSource(path)
	if err != nil {
		return nil, err
	}
	return newFile(path, s), nil
}

// NewReader reads a safetensors file of size bytes from r. Closing the file
// doesn't close r.
func NewReader(r io.ReaderAt, size int64) (*File, error) {
	s, err := newSource("", r, size)
	if err != nil {
		return nil, err
	}
	return newFile("", s), nil
}

// FromBytes reads a safetensors file that lies in memory. The bytes must not
// change while the file is used.
func FromBytes(data []byte) (*File, error) {
	s, err := newSource("", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	s.mem = data
	return newFile("", s), nil
}

// newFile makes one set of sources whose names differ.
func newFile(path string, sources ...*source) *File {
	f := &File{path: path, sources: sources, places: map[string]place{}}
	for _, s := range sources {
		for _, e := range s.header.entries {
			f.places[e.Name] = place{e, s}
		}
	}
	f.names = slices.Sorted(maps.Keys(f.places))
	return f
}

// Close unmaps the file. Tensors that were read stay valid; slices given by
// [File.Bytes] do not. A second Close does nothing.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	var errs []error
	for _, s := range f.sources {
		if s.close != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(errs...)
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Info describes a tensor; the second result is false if there is none of that
// name. It works on a closed file too.
func (f *File) Info(name string) (Info, bool) {
	p, ok := f.places[name]
	info := p.Info
	info.Shape = slices.Clone(info.Shape)
	return info, ok
}

// Metadata returns a copy of the file's own map of strings, nil if it has
// none. In a sharded checkpoint the shards' maps are joined; where they
// disagree, the shard whose file name sorts first wins.
func (f *File) Metadata() map[string]string {
	var joined map[string]string
	for _, s := range slices.Backward(f.sources) {
		if s.header.metadata != nil && joined == nil {
			joined = map[string]string{}
		}
		maps.Copy(joined, s.header.metadata)
	}
	return joined
}

// use finds a tensor and calls read while the file can't be closed.
func use[T any](f *File, name string, read func(place) (T, error)) (T, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var none T
	p, ok := f.places[name]
	switch {
	case !ok:
		return none, f.notFound(name)
	case f.closed:
		return none, fmt.Errorf("safetensors: read %s: %w", label(p.src.path, name), ErrClosed)
	}
	return read(p)
}

// notFound names what was asked for and the names most like it. Names mostly
// differ in a leading module path, so likeness is the length of a common end.
func (f *File) notFound(name string) error {
	near := slices.Clone(f.names)
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(commonEnd(b, name), commonEnd(a, name))
	})
	near = near[:min(3, len(near))]
	for i := range near {
		near[i] = quote(near[i])
	}
	return fmt.Errorf("safetensors: %s: %w (it has %d; nearest: %s)",
		label(f.path, name), ErrNotFound, len(f.names), strings.Join(near, ", "))
}

// commonEnd counts the bytes in which two names end alike.
func commonEnd(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
