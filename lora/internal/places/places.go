// Package places is what methods have in common that change single weights of their targets: how the weight of a site is laid
// out in rows and columns, an update at some of its places, and which places are largest.
package places

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Layout gives the rows and columns of a site's weight as it is held: [out, in], at a convolution [out, in/groups · kernel], at an
// embedding [tokens, width].
func Layout(s seam.Site) (rows, columns int) {
	switch s.Kind {
	case seam.Conv:
		return s.Out, s.In / s.Conv.Groups * s.Points()
	case seam.Embedding:
		return s.In, s.Out
	}
	return s.Out, s.In
}

// Map gives the map of an update [rows, columns] of a site's weight. Graph-building.
func Map(at *seam.At, update *seam.Node) seam.Map {
	switch s := at.Site; s.Kind {
	case seam.Conv:
		update = graph.Reshape(update, append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...)...)
	case seam.Embedding:
		update = graph.Transpose(update, 0, 1)
	}
	return at.Weight(update)
}

// Scatter gives the update [rows, columns] that has values [n] at indices [2, n], rows and columns, and 0 elsewhere.
// Graph-building.
func Scatter(at *seam.At, values, indices *seam.Node) *seam.Node {
	rows, columns := Layout(at.Site)
	zero := graph.Zeros(at.Graph(), shapes.Make(dtypes.Float32, rows, columns))
	return graph.ScatterSum(zero, graph.Transpose(indices, 0, 1), values, false, true)
}

// Fill writes places, counted row by row, as indices [2, n].
func Fill(s seam.Site, places []int, indices []int32) {
	_, columns := Layout(s)
	for i, at := range places {
		indices[i], indices[len(places)+i] = int32(at/columns), int32(at%columns)
	}
}

// Check refuses indices [2, n] of the value of a name that are outside of a site's weight.
func Check(s seam.Site, name string, indices []int32) error {
	rows, columns := Layout(s)
	for i, at := range indices {
		bound := rows
		if i >= len(indices)/2 {
			bound = columns
		}
		if at < 0 || int(at) >= bound {
			return &seam.TensorError{Tensor: "base_model.model." + s.Path + "." + name, Reason: "names places outside of the weight"}
		}
	}
	return nil
}

// Largest gives the places of the n largest numbers of all lists together, for each list and ascending. Of equal ones those are
// taken that stand first. n is between 1 and their number; no number is NaN.
func Largest(lists [][]float32, n int) [][]int {
	var all []float32
	for _, list := range lists {
		all = append(all, list...)
	}
	slices.Sort(all)
	top := all[len(all)-n:]
	bound, ties := top[0], n // how many equal to the bound are taken
	for _, v := range top {
		if v > bound {
			ties--
		}
	}
	out := make([][]int, len(lists))
	for k, list := range lists {
		for i, v := range list {
			switch {
			case v == bound && ties > 0:
				ties--
			case !(v > bound):
				continue
			}
			out[k] = append(out[k], i)
		}
	}
	return out
}
