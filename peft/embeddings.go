package peft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// ownEmbeddings takes up the backbone's embeddings that HF PEFT writes beside an adapter which acts on them, or after the
// vocabulary was resized (its save_embedding_layers). Those that are the backbone's own are left out, here and when the
// adapter is saved; others come into force with the adapter, as when HF PEFT loads the file, and stay what they are. It
// gives their values by key, nil for what was left out.
func (a *Adapter) ownEmbeddings(path string, file *safetensors.File) (map[string][]float32, error) {
	planned, out, done := a.fileKeysPlanned(), map[string][]float32{}, map[string]bool{}
	for _, name := range file.Names() {
		key := a.fullKey(a.backbone.withoutAlias(name))
		at := a.backbone.embeddingOf(key)
		if at == "" || slices.Contains(planned, key) {
			continue
		}
		own := a.backbone.net.Value(at)
		info, _ := file.Info(name)
		if !slices.Equal(info.Shape, own.Shape().Dimensions) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("has shape %v, this backbone's %s has %v: the vocabulary was resized before the adapter was trained",
				info.Shape, at, own.Shape().Dimensions)}
		}
		values, err := readFloats(path, file, name)
		if err != nil {
			return nil, err
		}
		before, err := safetensors.Floats(own)
		if err != nil {
			return nil, err
		}
		out[key] = nil
		if done[at] || slices.Equal(values, before) {
			continue
		}
		out[key] = values
		a.plan.Params = append(a.plan.Params, a.replacement(at, key))
		for _, twin := range a.backbone.tiedTo(at) { // one value to HF PEFT, and so once in the file
			p := a.replacement(twin, "")
			p.Const = values
			a.plan.Params, done[twin] = append(a.plan.Params, p), true
		}
	}
	return out, nil
}

// replacement is a value that stands for a frozen one and does not train.
func (a *Adapter) replacement(path, key string) seam.Param {
	module, name := names.CutLast(path)
	return seam.Param{
		Site: module, Name: name, Key: key, Shape: slices.Clone(a.backbone.net.Value(path).Shape().Dimensions),
		Replaces: path, InPlace: true, Frozen: true,
	}
}

// embeddingOf gives the path of the frozen embedding, of the input or the output, that a key of an adapter's file means,
// "" where it means none.
func (b *Backbone) embeddingOf(key string) string {
	rest, ok := strings.CutPrefix(key, "base_model.model.")
	if !ok {
		return ""
	}
	module, name := names.CutLast(rest)
	module = strings.TrimSuffix(module, ".base_layer")
	path := module + "." + name
	if s := b.site(module); s.Kind != seam.Embedding && !s.OutputEmbedding || b.net.Value(path) == nil {
		return ""
	}
	return path
}

// tiedTo gives the other paths of a frozen value.
func (b *Backbone) tiedTo(path string) []string {
	var out []string
	for other, t := range b.Values() {
		if other != path && t == b.net.Value(path) {
			out = append(out, other)
		}
	}
	slices.Sort(out)
	return out
}
