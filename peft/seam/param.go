package seam

import (
	"cmp"
	"math/rand/v2"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Param is one value of an adapter, always float32.
type Param struct {
	Site string // the site's path, "" for a value of the whole adapter
	Name string // under the site, as "lora_A.weight"
	Key  string // in the adapter's file; "" means "base_model.model." + Site + "." + Name
	// Alias is what HF PEFT calls the value while it trains, where its file has it under another key, as
	// "prompt_encoder.embedding.weight"; "" for none. Adapter.Set and Adapter.Value take either.
	Alias string
	Shape []int
	// Fill is the neutral value: what rows without this adapter see, what pads a smaller rank, and the first value
	// where Init is nil.
	Fill float32
	// Init draws the first values; nil means Fill.
	Init func(r *rand.Rand, out []float32)
	// Const values are fed to the graph but neither trained nor saved, such as alpha/r. nil means an ordinary value.
	Const []float32
	// Frozen values are saved but not trained.
	Frozen bool
	// Moving values are saved and follow the forward passes of training instead of a gradient; see TrainStatistics.
	Moving bool
	// Replaces is the path of the frozen value this one stands for, as "classifier.weight"; it starts as its copy.
	Replaces string
	// Swapped tells that the value has its two axes the other way round than the frozen one that it replaces: as files
	// have both, see Site.FanInFanOut.
	Swapped bool
	// InPlace tells a Replaces that changes the module itself (a trained bias) from a copy beside it
	// (modules_to_save), which counts as a parameter more.
	InPlace bool

	// Saved is the module's path where the value is a copy for modules_to_save. Planning sets it.
	Saved string
}

// Trains reports whether a trainer changes the value.
func (p *Param) Trains() bool { return p.Const == nil && !p.Frozen && !p.Moving }

// FileKey is the value's key in the adapter's file.
func (p *Param) FileKey() string {
	switch {
	case p.Key != "":
		return p.Key
	case p.Site == "":
		return "base_model.model." + p.Name
	}
	return "base_model.model." + p.Site + "." + p.Name
}

// TrainKey is the value's key while it trains: its Alias, or that of the file.
func (p *Param) TrainKey() string { return cmp.Or(p.Alias, p.FileKey()) }

// Is reports whether a key means the value: that of the file, or its Alias.
func (p *Param) Is(key string) bool {
	return p.Const == nil && (key == p.FileKey() || key == p.TrainKey())
}

// LaidOut gives a frozen value as the one that replaces it is laid out, and the reverse.
func (p *Param) LaidOut(t *Tensor) (*Tensor, error) {
	if !p.Swapped {
		return t, nil
	}
	return safetensors.Transpose(t)
}

// Size counts the value's numbers.
func (p *Param) Size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}
