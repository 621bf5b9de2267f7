package models

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Folder describes a checkpoint that has not been opened: its kind, its size, what is missing. Inspect makes one; the zero
// value describes nothing.
type Folder struct {
	// Info is what Load's backbone would say of itself: the kind of model, its head, its classes and sizes.
	peft.Info
	// Dir is the checkpoint's folder, also where Inspect was given a model's name.
	Dir string
	// Tokenizer says that a tokenizer.json lies there.
	Tokenizer bool

	net    arch.Network
	family arch.Family
	file   *safetensors.File // closed; nil where there are no weights
	reader reader            // as Load's, without what it needs to read
}

// Inspect tells what Load would open with the same options, from config.json and the headers of the files: in
// milliseconds, and without memory for the weights. A folder without weights is described by its config alone. Errors are
// those of Load.
func Inspect(dir string, opts ...LoadOption) (*Folder, error) {
	o, err := gather(opts)
	if err != nil {
		return nil, err
	}
	return inspect(dir, &o)
}

func inspect(dir string, o *options) (*Folder, error) {
	dir, err := o.find(dir)
	if err != nil {
		return nil, err
	}
	m, err := open(dir, o)
	if err != nil {
		return nil, err
	}
	f := &Folder{Info: m.net.Info(), Dir: dir, net: m.net, family: m.family}
	_, err = os.Stat(filepath.Join(dir, "tokenizer.json"))
	f.Tokenizer = err == nil
	file, err := safetensors.OpenCheckpoint(dir, "model")
	switch {
	case errors.Is(err, fs.ErrNotExist) && !errors.Is(err, safetensors.ErrFormat):
		return f, nil
	case err != nil:
		return nil, err
	}
	f.file = file
	f.reader = reader{dir: dir, file: file, prefix: m.family.Prefix, otherWidth: o.hasLabels, anew: m.anew}
	return f, file.Close()
}

// Sites lists the places of the model where adapters may act, as Backbone.Sites does.
func (f *Folder) Sites() []seam.Site {
	if f.net == nil {
		return nil
	}
	return f.net.Sites()
}

// Parameters counts the model's numbers, those that two parts share once, whether or not the files have them.
func (f *Folder) Parameters() int {
	n := 0
	for _, v := range f.values() {
		n += size(v.Shape)
	}
	return n
}

// values lists what is held: all but what is tied, and what may be missing for good and is.
func (f *Folder) values() []arch.Value {
	return slices.DeleteFunc(f.list(), func(v arch.Value) bool {
		return v.Tied != "" || v.Count || v.Optional && f.file != nil && !f.has(v)
	})
}

// list is the network's, none of a Folder that Inspect did not make.
func (f *Folder) list() []arch.Value {
	if f.net == nil {
		return nil
	}
	return f.net.Values()
}

// has reports whether Load reads a value from the files, or fails because it does not fit there.
func (f *Folder) has(v arch.Value) bool {
	_, ok, err := f.reader.taken(v)
	return ok || err != nil
}

// Bytes is the memory in bytes that the opened model's values would take under DType(dtype): "float32", "bfloat16",
// "float16" or "auto". For another name it is 0.
func (f *Folder) Bytes(dtype string) int64 {
	as, err := parseDType(dtype)
	if err != nil {
		return 0
	}
	total := int64(0)
	for _, v := range f.values() {
		d := as
		if d == asStored {
			d = dtypes.Float32
			if name, ok := f.stored(v); ok {
				info, _ := f.file.Info(name)
				d = held(info.DType)
			}
		}
		total += int64(size(v.Shape)) * int64(d.Size())
	}
	return total
}

func (f *Folder) stored(v arch.Value) (string, bool) {
	if f.file == nil {
		return "", false
	}
	name, ok, _ := f.reader.taken(v)
	return name, ok
}

// OnDisk is the size in bytes of the files' tensors, by the dtype that they are written in, as {"BFloat16": 2200096768}.
// It is empty where there are no weights.
func (f *Folder) OnDisk() map[string]int64 {
	out := map[string]int64{}
	if f.file == nil {
		return out
	}
	for _, name := range f.file.Names() {
		info, _ := f.file.Info(name)
		out[info.DType.String()] += int64(size(info.Shape)) * int64(info.DType.Size())
	}
	return out
}

// Tied maps the path of each value that is no value of its own to the path of the one that it is the same as: in many
// language models the head's weight is that of the token embeddings.
func (f *Folder) Tied() map[string]string {
	out := map[string]string{}
	for _, v := range f.list() {
		if v.Tied != "" {
			out[v.Path] = v.Tied
		}
	}
	return out
}

// Missing lists the paths of values that Load does not take from the files: they are not there, or belong to a head for
// other classes. Load draws those of a head at random, and fails for any other.
func (f *Folder) Missing() []string {
	var out []string
	for _, v := range f.values() {
		if f.file == nil || !f.has(v) {
			out = append(out, v.Path)
		}
	}
	return out
}

// size is the number of elements of a shape, the largest number where that is larger.
func size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d > 0 && n > math.MaxInt/d {
			return math.MaxInt
		}
		n *= d
	}
	return n
}
