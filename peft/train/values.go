package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/gopeft/gopeft/peft"
)

func (s *stepper) checkFinite(loss, norm float64) error {
	for _, v := range []struct {
		what  string
		value float64
	}{{"loss", loss}, {"gradient's norm", norm}} {
		if !finite(v.value) {
			return &NotFiniteError{Step: s.step + 1, What: v.what, Value: v.value}
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// current gives the values after the last whole step, by file key.
func (s *stepper) current() peft.Tensors {
	out := peft.Tensors{}
	for i, p := range s.params {
		out[p.FileKey()] = s.whole.values[i]
	}
	return out
}

// publish makes the values after the last whole step the adapter's, which calls on other goroutines then see. An update may overflow
// where loss and gradients were fine: such values are refused.
func (s *stepper) publish() error {
	err := s.adapter.Set(s.adapter.Config(), s.current())
	if bad := (*peft.NotFiniteError)(nil); errors.As(err, &bad) {
		return &NotFiniteError{Step: s.step, What: "value of " + bad.Tensor, Value: bad.Value}
	}
	if err == nil {
		s.whole.owned = false
	}
	return err
}

// free gives up a moment's tensors, but for values that were published.
func (m *moment) free() {
	free(m.rng)
	free(m.state...)
	if m.owned {
		free(m.values...)
	}
}

// free gives device memory back at once instead of waiting for the garbage collector.
func free(list ...*peft.Tensor) {
	for _, t := range list {
		_ = t.FinalizeAll() // best effort: a tensor that can't be freed now is collected later
	}
}

func scalar(t *peft.Tensor) (float64, error) {
	var v float64
	err := t.ConstFlatData(func(flat any) {
		if f, ok := flat.([]float32); ok && len(f) == 1 {
			v = float64(f[0])
		} else {
			v = math.NaN()
		}
	})
	if err != nil {
		return 0, fmt.Errorf("reading a step's result: %w", err)
	}
	return v, nil
}
