package pefttest

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// tinyValues are the frozen ones.
func tinyValues() peft.Tensors { return valuesOfSites(tiny{}.Sites()) }

// valuesOfSites draws every frozen value by its path, so that they don't depend on each other.
func valuesOfSites(sites []seam.Site) peft.Tensors {
	out := peft.Tensors{}
	for _, s := range sites {
		switch s.Kind {
		case seam.Embedding:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.7, s.In, s.Out)
		case seam.Norm:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 1, 0.1, s.Out)
			out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.1, s.Out)
			if s.Running {
				out[s.Path+"."+seam.RunningMean] = drawn(s.Path+"."+seam.RunningMean, 0, 0.3, s.Out)
				out[s.Path+"."+seam.RunningVar] = drawn(s.Path+"."+seam.RunningVar, 1, 0.1, s.Out)
			}
		case seam.Linear:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.4, s.Out, s.In)
			if s.Role != "key" {
				out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.2, s.Out)
			}
		case seam.Conv:
			shape := append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...)
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.4, shape...)
			if s.Path != "volume" {
				out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.2, s.Out)
			}
		}
	}
	return out
}

func drawn(path string, mean, std float64, shape ...int) *peft.Tensor {
	r := seeded.Rand(20, path)
	flat := make([]float32, shapes.Make(dtypes.Float32, shape...).Size())
	for i := range flat {
		flat[i] = float32(mean + std*r.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(flat, shape...)
}

// tinyInput is a batch with one padded row; rows must be at most 4. Another shift gives other tokens.
func tinyInput(rows, shift int) peft.Tensors {
	const columns = 5
	ids, mask, labels := make([]int32, rows*columns), make([]int32, rows*columns), make([]int32, rows)
	for i := range ids {
		ids[i], mask[i] = int32((i*i+3*i+shift)%vocab), 1
	}
	mask[columns-1] = 0
	for i := range labels {
		labels[i] = int32((i + shift) % classes)
	}
	return peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(ids, rows, columns),
		"attention_mask": tensors.FromFlatDataAndDimensions(mask, rows, columns),
		"labels":         tensors.FromFlatDataAndDimensions(labels, rows),
	}
}
