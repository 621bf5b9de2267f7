package peft

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// replicatedFor gives the backbone that an adapter of a config acts on: b itself, or one of other blocks that shares b's
// values (seam.Replicator).
func (b *Backbone) replicatedFor(cfg Config) (*Backbone, error) {
	r, ok := cfg.(seam.Replicator)
	if !ok {
		return b, nil
	}
	if b.layers != nil { // it was made for such an adapter
		first := b
		for first.layers != nil {
			first = first.base
		}
		of, err := r.Replicated(first.Info().Layers)
		if err == nil && slices.Equal(of, b.layers) {
			return b, nil
		}
	}
	of, err := r.Replicated(b.Info().Layers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.PEFTType(), err)
	}
	if of == nil {
		return b, nil
	}
	return b.replicated(of)
}

// replicated gives the backbone whose block i is b's block of[i].
func (b *Backbone) replicated(of []int) (*Backbone, error) {
	list, err := b.net.LayerList()
	if err != nil {
		return nil, err
	}
	if b.origin.Replicated == nil {
		return nil, fmt.Errorf("%w: another list of blocks for a backbone that was not loaded", ErrUnsupported)
	}
	next, err := b.origin.Replicated(of)
	if err != nil {
		return nil, err
	}
	source := map[string]string{}
	for path := range next.Shapes {
		from := path
		if i, rest, ok := blockOf(list, path); ok && i < len(of) {
			from = list + "." + strconv.Itoa(of[i]) + rest
		}
		if b.net.Value(from) != nil { // else one that a checkpoint may leave out
			source[path] = from
		}
	}
	out := &Backbone{net: b.net.Replicated(next.Model, source), rt: b.rt, origin: b.origin, base: b, life: b.life, layers: slices.Clone(of)}
	out.origin.Config, out.origin.Resized, out.origin.Replicated = next.Config, nil, nil
	out.origin.Stored, out.origin.Buffers = map[string]string{}, nil
	for path, from := range source {
		name, renamed := b.origin.Stored[from]
		if i, _, ok := blockOf(list, path); ok && renamed {
			name = strings.Replace(name, "."+strconv.Itoa(of[i])+".", "."+strconv.Itoa(i)+".", 1)
		}
		if renamed {
			out.origin.Stored[path] = name
		}
		if slices.Contains(b.origin.Buffers, from) {
			out.origin.Buffers = append(out.origin.Buffers, path)
		}
	}
	slices.Sort(out.origin.Buffers)
	out.origin.Tied = maps.Clone(b.origin.Tied)
	out.sizes = fmt.Sprintf("%s;layers %v", b.sizes, of)
	out.noteUntied()
	return out, nil
}

// blocks tells the list of blocks where it is another than the checkpoint's, for errors.
func (b *Backbone) blocks() string {
	if b.layers == nil {
		return ""
	}
	return fmt.Sprintf(" and the blocks %v", b.layers)
}

// blockOf splits the path of a value in a block: the block's number, and what follows it with its dot.
func blockOf(list, path string) (i int, rest string, ok bool) {
	inner, ok := strings.CutPrefix(path, list+".")
	if !ok {
		return 0, "", false
	}
	number, _, _ := strings.Cut(inner, ".")
	i, err := strconv.Atoi(number)
	return i, inner[len(number):], err == nil
}

// inBlocks lists the paths of the values in blocks.
func (b *Backbone) inBlocks() []string {
	list, err := b.net.LayerList()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(b.net.Paths(), func(path string) bool {
		_, _, ok := blockOf(list, path)
		return !ok
	})
}
