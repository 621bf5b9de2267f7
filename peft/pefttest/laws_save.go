package pefttest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// files reads a folder; no folder is an empty one.
func (tr *trial) files(dir string) map[string][]byte {
	out := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	tr.ok(err)
	for _, e := range entries {
		out[e.Name()] = nil
		if !e.IsDir() {
			out[e.Name()] = get(os.ReadFile(filepath.Join(dir, e.Name())))
		}
	}
	return out
}

func lawSave(tr *trial) {
	a := tr.stirred("a", "b")
	first, second, third := tr.dir("a"), tr.dir("twice"), tr.dir("again")
	tr.ok(a.SaveAdapter("a", first))
	tr.ok(a.SaveAdapter("a", second))
	tr.mustEqualValues("the folder of a second save", tr.files(first), tr.files(second))

	b := get(peft.Load(tr.backbone(), first))
	tr.mustBeSame("outputs after loading", tr.logits(a, peft.Use("a")), tr.logits(b, peft.Use("a")))
	saved, loaded := valuesOf(a, "a"), valuesOf(b, "a")
	if _, ok := tr.method().(seam.Exporter); !ok || slices.Equal(keysOf(saved), keysOf(loaded)) && sameShapes(a, b) {
		tr.mustEqualValues("the loaded adapter", saved, loaded)
	}
	tr.ok(b.Save(third))
	tr.mustEqualValues("the folder of the loaded adapter", tr.files(first), tr.files(third))

	// The file holds the adapter's keys. Strict loading has refused any that belong to nothing.
	names, types := header(tr.files(first)[peft.WeightsFile])
	for i := range names[1:] {
		if types[i] == types[i+1] && names[i] > names[i+1] {
			tr.failf("the file's tensors of one type are not sorted: %v", names)
		}
	}
	for _, key := range keysOf(loaded) {
		if !slices.Contains(names, key) {
			tr.failf("%s is not in the file", key)
		}
	}
	for path, t := range b.Backbone().Values() {
		if slices.Contains(names, path) || slices.Contains(names, "base_model.model."+path) && !tr.replaced(b, path) {
			tr.failf("the file holds %s of the backbone %s", t.Shape(), path)
		}
	}
}

// replaced reports whether an adapter has its own value of a path of the backbone.
func (tr *trial) replaced(a *peft.Adapted, path string) bool {
	return slices.ContainsFunc(get(a.Adapter("a")).Params(), func(p seam.Param) bool { return p.Replaces == path })
}

func keysOf(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }

func sameShapes(a, b *peft.Adapted) bool {
	other := get(b.Adapter("a")).Values()
	for k, t := range get(a.Adapter("a")).Values() {
		if other[k] == nil || !other[k].Shape().Equal(t.Shape()) {
			return false
		}
	}
	return true
}

// header lists a safetensors file's tensors, with their types, in the order of its header.
func header(file []byte) (names, types []string) {
	n := binary.LittleEndian.Uint64(file)
	dec := json.NewDecoder(bytes.NewReader(file[8 : 8+n]))
	get(dec.Token())
	for dec.More() {
		name, _ := get(dec.Token()).(string)
		var tensor struct {
			DType string `json:"dtype"`
		}
		if err := dec.Decode(&tensor); err != nil {
			panic(failure{err})
		}
		if name != "__metadata__" {
			names, types = append(names, name), append(types, tensor.DType)
		}
	}
	return names, types
}

// lawFault lets saving fail in ways that a superuser meets as well.
func lawFault(tr *trial) {
	a := tr.stirred("a", "b")
	dir := tr.dir("a")
	tr.ok(a.SaveAdapter("a", dir))
	before := tr.files(dir)

	// The last value is gone, so that writing fails after its file was begun.
	values := get(a.Adapter("b")).Values()
	keys := slices.Sorted(maps.Keys(values))
	tr.ok(values[keys[len(keys)-1]].FinalizeAll())
	if err := a.SaveAdapter("b", dir); err == nil {
		tr.failf("an adapter without %s was saved", keys[len(keys)-1])
	}
	tr.mustEqualValues("the folder after a failed save", before, tr.files(dir))

	// The place of the folder is taken by a file.
	taken := tr.dir("taken")
	tr.ok(os.WriteFile(taken, []byte("mine"), 0o644))
	if err := a.SaveAdapter("a", filepath.Join(taken, "a")); err == nil || !strings.Contains(err.Error(), taken) {
		tr.failf("saving below a file: want an error that names %s, got: %v", taken, err)
	}
	if string(get(os.ReadFile(taken))) != "mine" {
		tr.failf("saving below a file has changed it")
	}

	// The config can't be put in place: the weights are whole, new or not, and no other file is left.
	blocked := tr.dir("blocked")
	tr.ok(os.MkdirAll(filepath.Join(blocked, peft.ConfigFile, "full"), 0o755))
	if err := a.SaveAdapter("a", blocked); err == nil {
		tr.failf("a folder was replaced by a file")
	}
	after := tr.files(blocked)
	if raw, ok := after[peft.WeightsFile]; ok && !bytes.Equal(raw, before[peft.WeightsFile]) {
		tr.failf("a save that failed at the config left half of the weights")
	}
	for name := range after {
		if name != peft.WeightsFile && name != peft.ConfigFile {
			tr.failf("a failed save left %s", name)
		}
	}
}

func lawStrict(tr *trial) {
	a := tr.stirred("a")
	dir := tr.dir("a")
	tr.ok(a.Save(dir))
	path := filepath.Join(dir, peft.WeightsFile)
	whole := tr.files(dir)[peft.WeightsFile]
	values := get(peft.ReadTensors(path))
	loaded := get(get(peft.Load(tr.backbone(), dir)).Adapter("a"))
	keys := slices.Sorted(maps.Keys(loaded.Values()))
	for _, p := range loaded.Params() { // a file may lack these
		keys = slices.DeleteFunc(keys, func(key string) bool { return p.Optional && key == p.FileKey() })
	}
	key := keys[0]

	mustRefuse := func(what, tensor string, values peft.Tensors) {
		tr.ok(peft.WriteTensors(path, values))
		_, err := peft.Load(tr.backbone(), dir)
		var at *peft.TensorError
		if !errors.Is(err, peft.ErrTensor) || !errors.As(err, &at) || at.Tensor != tensor || at.Path != path {
			tr.failf("%s: want ErrTensor naming %s in %s, got: %v", what, tensor, path, err)
		}
	}
	with := func(name string, t *peft.Tensor) peft.Tensors {
		out := maps.Clone(values)
		if out[name] = t; t == nil {
			delete(out, name)
		}
		return out
	}
	mustRefuse("a missing tensor", key, with(key, nil))
	mustRefuse("an extra tensor", "conform.extra", with("conform.extra", drawn("extra", 0, 1, 2)))
	mustRefuse("a misshapen tensor", key, with(key, drawn("misshapen", 0, 1, append(values[key].Shape().Dimensions, 2)...)))

	for _, cut := range []int{0, 7, 40, len(whole) - 1} {
		tr.ok(os.WriteFile(path, whole[:cut], 0o644))
		if _, err := peft.Load(tr.backbone(), dir); err == nil || !strings.Contains(err.Error(), path) {
			tr.failf("a file cut at %d: want an error that names %s, got: %v", cut, path, err)
		}
	}
	tr.ok(os.Remove(path))
	if _, err := peft.Load(tr.backbone(), dir); !errors.Is(err, peft.ErrTensor) {
		tr.failf("no file: want ErrTensor, got: %v", err)
	}
}
