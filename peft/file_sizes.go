package peft

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// fitted gives the backbone that an adapter's file was made for: b itself or, where the file's embeddings or head
// have another number of rows, one of as many tokens or classes, with the file's values in place of those of another
// size. Shapes that fit neither are left to those who read the values.
func (b *Backbone) fitted(path string, file *safetensors.File, cfg Config) (*Backbone, error) {
	f := &fitting{backbone: b, path: path, file: file, brought: b.brought(file)}
	if b.origin.Resized == nil || !f.differs() {
		return b, nil
	}
	info := b.Info()
	vocab, err := f.count(info.Vocab, func(n int) (*seam.Resized, error) { return b.origin.Resized(n, info.Classes) })
	if err != nil {
		return nil, err
	}
	classes, err := f.count(len(info.Classes), func(n int) (*seam.Resized, error) { return b.origin.Resized(info.Vocab, seam.GenericClasses(n)) })
	if err != nil {
		return nil, err
	}
	if vocab == info.Vocab && classes == len(info.Classes) {
		return b, nil
	}
	labels := info.Classes
	if names := cfg.Shared().Classes; len(names) == classes {
		labels = names
	} else if len(labels) != classes {
		labels = seam.GenericClasses(classes)
	}
	next, err := b.origin.Resized(vocab, labels)
	if err != nil {
		return nil, fmt.Errorf("%w: %s brings %s: %w", ErrTensor, path, counted(vocab, classes), err)
	}
	values, err := f.values(next)
	if err != nil {
		return nil, err
	}
	return b.resize(next.Model, next.Config, values), nil
}

// counted tells the sizes of a backbone, for errors.
func counted(vocab, classes int) string {
	tokens, labels := fmt.Sprintf("%d tokens", vocab), fmt.Sprintf("%d classes", classes)
	switch {
	case classes == 0:
		return tokens
	case vocab == 0:
		return labels
	}
	return tokens + " and " + labels
}

// fitting compares an adapter's file with a backbone that may have other sizes.
type fitting struct {
	backbone *Backbone
	path     string
	file     *safetensors.File
	brought  map[string]string // the names of tensors by the paths of the frozen values that they stand for
}

// brought names the tensor of a file that stands for each of the model's values: of several the one that the adapter
// was trained on, rather than the one that it trained.
func (b *Backbone) brought(file *safetensors.File) map[string]string {
	out, certain := map[string]string{}, map[string]bool{}
	for _, name := range file.Names() {
		path, kind := b.frozenKey(name)
		if path != "" && kind != keyCopy && !certain[path] {
			out[path], certain[path] = name, kind == keyFrozen
		}
	}
	return out
}

// differs reports whether a tensor of the file differs from the model's value in its number of rows, and in nothing
// else.
func (f *fitting) differs() bool {
	for path, name := range f.brought {
		have, _ := f.backbone.net.Shape(path)
		info, _ := f.file.Info(name)
		if len(have) > 0 && len(have) == len(info.Shape) && have[0] != info.Shape[0] && slices.Equal(have[1:], info.Shape[1:]) {
			return true
		}
	}
	return false
}

// count gives the number of tokens, or of classes, that the file was made for, by the rows of its tensors. have is
// the backbone's number, 0 where it has none; resized makes a backbone of another number, which shows on which values
// the number tells. The file's tensors must agree.
func (f *fitting) count(have int, resized func(n int) (*seam.Resized, error)) (int, error) {
	if have == 0 {
		return 0, nil
	}
	probe, err := resized(have + 1)
	if err != nil {
		return 0, err
	}
	first := ""
	for _, path := range f.backbone.net.Paths() {
		name, old := f.brought[path], f.backbone.net.Value(path).Shape().Dimensions
		if name == "" || len(old) == 0 || len(probe.Shapes[path]) == 0 || probe.Shapes[path][0] == old[0] {
			continue
		}
		info, _ := f.file.Info(name)
		if len(info.Shape) != len(old) || info.Shape[0] == 0 {
			continue // which is refused when it is read
		}
		if first != "" && info.Shape[0] != have {
			return 0, &TensorError{Path: f.path, Tensor: name, Reason: fmt.Sprintf("has %d rows, %s has %d", info.Shape[0], first, have)}
		}
		first, have = name, info.Shape[0]
	}
	return have, nil
}
