package seam

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Param describes one value of an adapter: an array of float32 that is trained and saved, unless a field says otherwise.
type Param struct {
	Site string // the path of the module it belongs to; "" for a value of the whole adapter
	Name string // its name there, as "lora_A.weight", by which At.Param gives it
	Key  string // its key in the adapter's file; "" means "base_model.model." + Site + "." + Name
	// Alias is the name that HF PEFT has for the value while it trains, where that is not its key in the file, as
	// "prompt_encoder.embedding.weight". Users may give either to an adapter. "" means that there is none.
	Alias string
	Shape []int
	// Fill is the number with which the value has no effect: 0 for what is added, 1 for a factor. Every element is Fill
	// where Init is nil, in rows of a batch without this adapter, and where a smaller adapter stands beside a larger one.
	Fill float32
	// Init draws the first value into out, row by row; nil means Fill. See Uniform and Normal.
	Init func(r *rand.Rand, out []float32)
	// Const, row by row, makes the value a constant that is neither trained nor saved, such as alpha/r. It is fed to the
	// graph like any value, so that adapters that differ in it share graphs. nil means an ordinary value.
	Const []float32
	// Counted says that a constant is one of the parameters that the adapter adds to its model's, as HF PEFT counts AdaLoRA's
	// first rank.
	Counted bool
	// Frozen makes a value that is saved but not trained.
	Frozen bool
	// Buffer says that the value counts as no parameter, as torch's buffers don't: a random projection, the places of a sparse
	// update. It doesn't train.
	Buffer bool
	// Ints, row by row, makes a value of whole numbers, as the places of a sparse update: int32 in the graph. It is a constant
	// as Const is; with DType it is the first value of one that is Frozen.
	Ints []int32
	// DType is the type in which a Frozen value of whole numbers stands in files: Int64, Int32, Int16 or Uint8. Its first value
	// is Ints, or zeros; see Init.Ints. The zero value means a value of float32.
	DType dtypes.DType
	// Optional says that a file may lack the value: it is then made as a fresh adapter's is.
	Optional bool
	// Moving makes a value that is saved and that training changes without a gradient: a running statistic of a batch norm,
	// see peft.TrainStatistics.
	Moving bool
	// Idle says that nothing depends on the value, though HF PEFT has it and counts it among those that train.
	Idle bool
	// Replaces is the path of the frozen value that this one takes the place of, as "classifier.weight". It starts as a
	// copy of that. "" means that it replaces none.
	Replaces string
	// Shared are further paths under which the backbone has that same value, all of which this one takes the place of, so
	// that they stay one, as a language model's embeddings and output layer may be. Blueprint.SelectValues sets it.
	Shared []string
	// Swapped says that the two axes of the value are in the other order than those of the frozen value that it replaces,
	// for a site with FanInFanOut, whose files have them so.
	Swapped bool
	// InPlace says how a value that replaces another is counted: as a change of the backbone's own (a trained bias), not as
	// one more parameter beside it (a module of modules_to_save).
	InPlace bool

	// AlsoAt lists further sites that have the same value: At.Param gives it there as well. It is kept once, in memory and in
	// the file. Copies of it under those sites, which HF PEFT writes, are passed over when a file is read.
	AlsoAt []string
	// Twin is another place of the value, nil for none.
	Twin *Twin

	// Saved is the path of the module of modules_to_save that the value is a copy of, "" for all others. Methods leave it
	// alone: such values are added to their plans.
	Saved string
}

// IsWhole reports whether the value is of whole numbers.
func (p *Param) IsWhole() bool { return p.Ints != nil || p.DType != dtypes.InvalidDType }

// GraphDType is the type of the value in memory and in graphs: float32, or int32 where it is of whole numbers.
func (p *Param) GraphDType() dtypes.DType {
	if p.IsWhole() {
		return dtypes.Int32
	}
	return dtypes.Float32
}

// Trains reports whether training changes the value by its gradient.
func (p *Param) Trains() bool { return p.Const == nil && !p.Frozen && !p.Moving }

// FileKey gives the value's key in the adapter's file.
func (p *Param) FileKey() string {
	switch {
	case p.Key != "":
		return p.Key
	case p.Site == "":
		return "base_model.model." + p.Name
	}
	return "base_model.model." + p.Site + "." + p.Name
}

// CopyKeys gives the keys under which HF PEFT's files repeat a value that several sites have (AlsoAt).
func (p *Param) CopyKeys() []string {
	if len(p.AlsoAt) == 0 {
		return nil
	}
	var out []string
	for _, site := range append([]string{p.Site}, p.AlsoAt...) {
		if key := "base_model.model." + site + "." + p.Name; site != "" && key != p.FileKey() {
			out = append(out, key)
		}
	}
	return out
}

// TrainKey gives the value's key while it trains: its Alias, or FileKey where it has none.
func (p *Param) TrainKey() string { return cmp.Or(p.Alias, p.FileKey()) }

// Takes reports whether the value takes the place of the frozen one at a path.
func (p *Param) Takes(path string) bool {
	return p.Replaces != "" && p.Replaces == path || slices.Contains(p.Shared, path)
}

// Is reports whether a key names the value, as FileKey or as TrainKey. A constant has no key.
func (p *Param) Is(key string) bool {
	return p.Const == nil && (key == p.FileKey() || key == p.TrainKey())
}

// LaidOut gives a frozen value with its axes in the order of the param that replaces it, or the param's value with its axes in
// the order of the frozen one: it swaps them where Swapped says so.
func (p *Param) LaidOut(t *Tensor) (*Tensor, error) {
	if !p.Swapped {
		return t, nil
	}
	return safetensors.Transpose(t)
}

// Size gives the number of elements.
func (p *Param) Size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}
