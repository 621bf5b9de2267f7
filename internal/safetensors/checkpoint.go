package safetensors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"
)

// OpenCheckpoint opens the weights in a transformers folder as one set: the file
// base.safetensors or else the shards that base.safetensors.index.json lists.
// An empty base stands for "model".
//
// The index must name each tensor of each shard once and rightly; anything else
// is a [*FormatError]. Shards must lie in the folder, though they may be
// symbolic links, as in HF's cache. Without either file the error matches
// fs.ErrNotExist.
func OpenCheckpoint(dir, base string) (*File, error) {
	if base == "" {
		base = "model"
	}
	single := filepath.Join(dir, base+".safetensors")
	f, err := Open(single)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	index := single + ".index.json"
	shardOf, err := readIndex(index)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noCheckpoint(dir, base)
	}
	if err != nil {
		return nil, err
	}
	return openShards(index, shardOf)
}

// noCheckpoint says what weights the folder holds instead.
func noCheckpoint(dir, base string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	var found []string
	for _, e := range list {
		if slices.Contains([]string{".safetensors", ".bin", ".pt", ".gguf", ".h5", ".msgpack"}, filepath.Ext(e.Name())) {
			found = append(found, e.Name())
		}
	}
	return fmt.Errorf("safetensors: %s: neither %[2]s.safetensors nor %[2]s.safetensors.index.json is there (weights found: %[3]q): %[4]w",
		dir, base, found, fs.ErrNotExist)
}

// readIndex returns the file of each tensor.
func readIndex(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxHeader+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("safetensors: read %s: %w", path, err)
	}
	shardOf, err := parseIndex(text)
	if err != nil {
		return nil, &FormatError{Path: path, Reason: "malformed index", Err: err}
	}
	return shardOf, nil
}

// parseIndex reads {"metadata": anything, "weight_map": {tensor: file}}.
func parseIndex(text []byte) (map[string]string, error) {
	switch {
	case len(text) > maxHeader:
		return nil, fmt.Errorf("more than %d bytes", maxHeader)
	case !utf8.Valid(text):
		return nil, errors.New("not valid UTF-8")
	}
	var shardOf map[string]string
	s := &scanner{data: text}
	err := s.object(func(key string) (err error) {
		switch {
		case key != "weight_map":
			return s.skip(maxDepth)
		case shardOf != nil:
			return s.errorf("weight_map occurs twice")
		}
		shardOf, err = s.strings()
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err == nil && shardOf == nil {
		err = errors.New("weight_map is missing")
	}
	return shardOf, err
}

// openShards opens every file of the index and compares what they hold with
// what it says.
func openShards(index string, shardOf map[string]string) (_ *File, err error) {
	var sources []*source
	defer func() {
		if err != nil {
			err = errors.Join(err, newFile(index, sources...).Close())
		}
	}()
	for _, shard := range slices.Compact(slices.Sorted(maps.Values(shardOf))) {
		local := filepath.FromSlash(shard)
		if !filepath.IsLocal(local) || filepath.Clean(local) != local {
			return nil, &FormatError{Path: index, Reason: fmt.Sprintf("shard %s isn't a file of the folder", quote(shard))}
		}
		s, err := openSource(filepath.Join(filepath.Dir(index), local))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &FormatError{Path: index, Reason: fmt.Sprintf("shard %s is missing", quote(shard)), Err: err}
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
		for _, e := range s.header.entries {
			if named, ok := shardOf[e.Name]; !ok || named != shard {
				return nil, strayTensor(index, e.Name, shard, named)
			}
		}
	}
	f := newFile(index, sources...)
	for _, name := range slices.Sorted(maps.Keys(shardOf)) {
		if _, ok := f.places[name]; !ok {
			return nil, &FormatError{Path: index, Tensor: name, Reason: fmt.Sprintf("absent from its shard %s", quote(shardOf[name]))}
		}
	}
	return f, nil
}

// strayTensor is for a tensor that the index puts into another shard or none.
func strayTensor(index, name, shard, named string) error {
	where := "the index doesn't name it"
	if named != "" {
		where = "the index puts it into " + quote(named)
	}
	return &FormatError{Path: index, Tensor: name, Reason: fmt.Sprintf("lies in shard %s, but %s", quote(shard), where)}
}
