package poly

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// taskIDs is the argument that says which task each row belongs to: whole numbers [batch] from 0.
const taskIDs = "task_ids"

// Arguments implements seam.Asker.
func (m *method) Arguments() []seam.Argument {
	return []seam.Argument{{Name: taskIDs, Optional: m.c.Tasks == 1}}
}

// CheckArguments implements seam.Asker.
func (m *method) CheckArguments(in seam.Tensors) error {
	t := in[taskIDs]
	if t == nil {
		return nil
	}
	if t.Rank() != 1 {
		return seam.Inputf(taskIDs, "has shape %v, want [batch]: a number for each row", t.Shape().Dimensions)
	}
	ids, err := whole(t)
	if err != nil {
		return err
	}
	for row, id := range ids {
		if id < 0 || id >= int64(m.c.Tasks) {
			return seam.Inputf(taskIDs, "row %d is of task %d, but the adapter has tasks 0..%d (n_tasks)", row, id, m.c.Tasks-1)
		}
	}
	return nil
}

// whole gives the numbers of the argument.
func whole(t *seam.Tensor) ([]int64, error) {
	var out []int64
	err := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []int64:
			out = slices.Clone(v)
		case []int32:
			for _, id := range v {
				out = append(out, int64(id))
			}
		}
	})
	if err == nil && out == nil && t.Size() > 0 {
		err = seam.Inputf(taskIDs, "holds %s, want int32 or int64", t.DType())
	}
	return out, err
}

// oneTask is Poly for a single task, whose mixture is the same for all rows, so that it can be merged.
type oneTask struct{ *method }

var _ seam.Merger = oneTask{}

// Merge implements seam.Merger.
func (m oneTask) Merge(at *seam.At, w seam.Weights) seam.Weights {
	a, b := mix(at, graph.Reshape(at.Param(nameLogits), 1, m.c.Splits, m.c.Skills))
	delta := graph.Transpose(graph.MatMul(a, b), 1, 2) // [1, out, in]
	w.Weight = graph.Add(w.Weight, graph.DivScalar(graph.Reshape(delta, at.Site.Out, at.Site.In), float64(m.c.R)))
	return w
}
