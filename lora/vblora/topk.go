package vblora

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// never stands for the logit of a vector that is not in a mixture.
const never = -1e30

// Initialize implements seam.Initializer: from the largest weights, which a file may hold alone, it makes logits that give them.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		for _, name := range []string{nameA, nameB} {
			if !in.Has(s.Path, name+topIndices) {
				continue
			}
			if err := m.restore(in, s.Path, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *method) restore(in *seam.Init, site, name string) error {
	logits, err := in.Value(site, name)
	if err != nil {
		return err
	}
	indices, err := in.Ints(site, name+topIndices)
	if err != nil {
		return err
	}
	var weights []float32
	if m.c.TopK > 1 {
		if weights, err = in.Value(site, name+topWeights); err != nil {
			return err
		}
	}
	for i := range logits {
		logits[i] = never
	}
	k := m.c.TopK
	for row := range len(indices) / k {
		rest := 1.0 // the last weight is not written
		for j, index := range indices[row*k : (row+1)*k] {
			if index < 0 || int(index) >= m.c.NumVectors {
				return &seam.TensorError{Tensor: "base_model.model." + site + "." + name + topIndices, Reason: fmt.Sprintf("names vector %d, the bank has %d", index, m.c.NumVectors)}
			}
			weight := rest
			if j < k-1 {
				weight = float64(weights[row*(k-1)+j])
				rest -= weight
			}
			logits[row*m.c.NumVectors+int(index)] = float32(max(math.Log(max(weight, 0)), never))
		}
	}
	return nil
}

// Export implements seam.Exporter.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, err := shared.Chosen[*Config](cfg)
	if err != nil {
		return nil, nil, err
	}
	c.FanInFanOut = in.FanInFanOut()
	if !m.c.SaveOnlyTopK {
		return c, in.Values, nil
	}
	for _, s := range in.Sites {
		for _, name := range []string{nameA, nameB} {
			if err := m.narrow(in, s.Path, name); err != nil {
				return nil, nil, err
			}
		}
	}
	return c, in.Values, nil
}

// narrow puts the largest weights and their places in place of logits.
func (m *method) narrow(in *seam.Export, site, name string) error {
	key := "base_model.model." + site + "." + name
	dims := slices.Clone(in.Values[key].Shape().Dimensions)
	delete(in.Values, key)
	k := m.c.TopK
	if k == 1 {
		in.Values[key+topWeights] = tensors.FromFlatDataAndDimensions([]float32{}, dims[0], dims[1], 0)
	}
	if in.Has(site, name+topIndices) { // as the file had them
		return nil
	}
	logits, err := in.Flat(site, name)
	if err != nil {
		return err
	}
	var indices []int32
	var weights []float32
	for row := range slices.Chunk(logits, m.c.NumVectors) {
		order := make([]int32, len(row))
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(row[b], row[a]) })
		sum := 0.0
		for _, i := range order[:k] {
			sum += math.Exp(float64(row[i]) - float64(row[order[0]]))
		}
		for j, i := range order[:k] {
			if indices = append(indices, i); j < k-1 {
				weights = append(weights, float32(math.Exp(float64(row[i])-float64(row[order[0]]))/sum))
			}
		}
	}
	whole, err := safetensors.ConvertWhole(tensors.FromFlatDataAndDimensions(indices, dims[0], dims[1], k), indexType(m.c.NumVectors))
	if err != nil {
		return err
	}
	in.Values[key+topIndices] = whole
	if k > 1 {
		in.Values[key+topWeights] = tensors.FromFlatDataAndDimensions(weights, dims[0], dims[1], k-1)
	}
	return nil
}
