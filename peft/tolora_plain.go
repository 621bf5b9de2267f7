package peft

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/peft/seam"
)

// plainLoRA gathers a LoRA's values, module by module.
type plainLoRA struct {
	of     *Adapter
	sites  []seam.Site
	values Tensors // by file key
	ranks  map[string]int
	biases bool
	report LoRAReport
}

// add finds the LoRA of a module.
func (l *plainLoRA) add(site seam.Site, changes Tensors, o LoRAOptions) error {
	if site.Conv != nil && site.Conv.Groups > 1 {
		return &UnsupportedError{Option: fmt.Sprintf("a plain LoRA of %s, whose %d groups of channels it would mix", site.Path, site.Conv.Groups)}
	}
	change := changes[site.Path+".weight"]
	flat, err := safetensors.Floats(change)
	if err != nil {
		return err
	}
	d := change.Shape().Dimensions
	w := mat.NewDense(d[0], d[1], nil)
	total := 0.0
	for i, v := range flat {
		w.RawMatrix().Data[i] = float64(v)
		total += float64(v) * float64(v)
	}
	found, kept, err := nearest(w, total, o, site.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", site.Path, err)
	}
	r := len(found.S)
	l.ranks[site.Path] = r
	left := math.Sqrt(max(0, total-kept))
	module := LoRAModule{Path: site.Path, Rank: r, Norm: math.Sqrt(total)}
	if total > 0 {
		module.Error = left / module.Norm
	}
	l.report = append(l.report, module)
	return l.put(site, found, changes[site.Path+".bias"])
}

// nearest finds the factors of a module, and the sum of squares that they keep.
func nearest(w *mat.Dense, total float64, o LoRAOptions, purpose string) (*svd.Factors, float64, error) {
	m, n := w.Dims()
	most := min(m, n)
	if o.Rank > 0 {
		most = min(most, o.Rank)
	}
	k := most
	if o.Energy > 0 {
		k = min(most, 8)
	}
	for {
		found, err := svd.Truncated(w, k, 4, seeded.Rand(0, purpose))
		if err != nil {
			return nil, 0, err
		}
		kept := 0.0
		for i, s := range found.S {
			if kept += s * s; o.Energy > 0 && kept >= o.Energy*total*(1-1e-12) {
				return found.First(i + 1), kept, nil
			}
		}
		if k == most {
			return found, kept, nil
		}
		k = min(most, 2*k)
	}
}

// put lays the factors out as a LoRA's values: both get the root of the singular values.
func (l *plainLoRA) put(site seam.Site, f *svd.Factors, bias *Tensor) error {
	r := len(f.S)
	down, up := make([]float32, 0, r*f.V.RawMatrix().Rows), make([]float32, 0, r*f.U.RawMatrix().Rows)
	for k := range r {
		for i := range f.V.RawMatrix().Rows {
			down = append(down, float32(math.Sqrt(f.S[k])*f.V.At(i, k)))
		}
	}
	for i := range f.U.RawMatrix().Rows {
		for k := range r {
			up = append(up, float32(math.Sqrt(f.S[k])*f.U.At(i, k)))
		}
	}
	nameA, nameB := "lora_A.weight", "lora_B.weight"
	shapeA, shapeB := []int{r, len(down) / r}, []int{len(up) / r, r}
	switch site.Kind {
	case seam.Embedding:
		nameA, nameB = "lora_embedding_A", "lora_embedding_B"
	case seam.Conv:
		shapeA = append([]int{r, site.In}, site.Conv.Kernel...)
		for range site.Conv.Kernel {
			shapeB = append(shapeB, 1)
		}
	}
	prefix := modelPrefix + site.Path + "."
	l.values[prefix+nameA] = tensors.FromFlatDataAndDimensions(down, shapeA...)
	l.values[prefix+nameB] = tensors.FromFlatDataAndDimensions(up, shapeB...)
	if bias != nil {
		l.biases = true
		l.values[prefix+"lora_B.bias"] = bias
	}
	return nil
}

// config is the LoRA's, whose alpha is the rank everywhere, so that nothing is scaled.
func (l *plainLoRA) config() (Config, error) {
	most := slices.Max(slices.Collect(maps.Values(l.ranks)))
	ranks, alphas := map[string]int{}, map[string]float64{}
	var targets []string
	for _, site := range l.sites {
		targets = append(targets, site.Path)
	}
	for path, r := range l.ranks {
		if r != most {
			key := regexp.QuoteMeta(path)
			ranks[key], alphas[key] = r, float64(r)
		}
	}
	if l.biases { // a LoRA has one everywhere or nowhere
		for _, site := range l.sites {
			if key := modelPrefix + site.Path + ".lora_B.bias"; l.values[key] == nil {
				l.values[key] = tensors.FromFlatDataAndDimensions(make([]float32, site.Out), site.Out)
			}
		}
	}
	keys := map[string]any{
		"peft_type": "LORA", "r": most, "lora_alpha": most, "rank_pattern": ranks, "alpha_pattern": alphas,
		"target_modules": targets, "lora_bias": l.biases,
	}
	if b, ok := l.of.cfg.(biased); ok && b.BiasOption() != "" && b.BiasOption() != "none" {
		keys["bias"] = "lora_only"
		if b.BiasOption() == "all" {
			keys["bias"] = "all"
		}
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	cfg, err := seam.ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	own := l.of.Config().Shared()
	c := cfg.Shared()
	c.TaskType, c.BaseModel, c.Revision, c.AutoMapping = own.TaskType, own.BaseModel, own.Revision, own.AutoMapping
	c.ModulesToSave, c.Classes = own.ModulesToSave, own.Classes
	return cfg, nil
}
