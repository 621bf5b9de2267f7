package pefttest

import (
	"context"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// fed adds data to the options of attaching where a config's method starts from data: two tiny batches.
func fed(cfg peft.Config, opts ...peft.Option) []peft.Option {
	m, err := cfg.Method()
	c, ok := m.(seam.Calibrator)
	if err != nil || !ok || c.Calibration() == nil {
		return opts
	}
	return append(opts, peft.Calibrate(context.Background(), func(yield func(peft.Tensors, error) bool) {
		_ = yield(tinyInput(4, 0), nil) && yield(tinyInput(4, 1), nil)
	}))
}
