package train

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// beginSum puts zeros in place of the sum of gradients before the first batch of a step, where one is kept.
func (s *stepper) beginSum() {
	if s.stepping == nil || s.every == 1 || s.inStep > 0 {
		return
	}
	free(s.sum...)
	s.sum = nil
	for _, p := range s.params[:s.trainable] {
		s.sum = append(s.sum, tensors.FromShape(p.Value.Shape()))
	}
}

// between lets the method change the values behind the last batch of a step, before it counts as done. gradients are those of
// the batch, or their sum over the step's; it takes them over.
func (s *stepper) between(next *moment, gradients []*peft.Tensor) error {
	if s.stepping == nil {
		return nil
	}
	if s.every > 1 {
		free(s.sum...)
		s.sum = gradients
	} else {
		defer free(gradients...)
	}
	if s.inStep+1 < s.every {
		return nil
	}
	mean, err := s.mean(gradients)
	if err != nil {
		return err
	}
	values, err := s.stepping.After(s.step+1, next.values, mean)
	if err != nil {
		return err
	}
	for i, t := range values {
		if t != next.values[i] {
			free(next.values[i])
			next.values[i] = t
		}
	}
	return nil
}

// mean divides the sum of a step's gradients by its batches.
func (s *stepper) mean(sum []*peft.Tensor) ([]*peft.Tensor, error) {
	if s.every == 1 {
		return sum, nil
	}
	out := make([]*peft.Tensor, len(sum))
	for i, t := range sum {
		flat, err := safetensors.Floats(t)
		if err != nil {
			return nil, err
		}
		for k := range flat {
			flat[k] /= float32(s.every)
		}
		out[i] = tensors.FromFlatDataAndDimensions(flat, t.Shape().Dimensions...)
	}
	return out, nil
}

// warn logs what the method has found since it was last asked.
func (r *run) warn() {
	all := r.stepping.Warnings()
	if r.opts.Logger != nil {
		for _, w := range all[r.warned:] {
			r.opts.Logger.Warn(w)
		}
	}
	r.warned = len(all)
}
