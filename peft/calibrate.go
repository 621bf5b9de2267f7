package peft

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Calibrate gives [Attach] the data that some starts need: LoRA's "eva", "corda" and "lora_ga", FishMask. Batches are
// the model's arguments as [Adapted.Forward] takes them, with "labels" where the start looks at gradients, each of
// them run once through the bare model without dropout, until they end or the method has seen enough. What is
// measured is kept for each target as one value of a size that does not grow with the data. data.Take makes them of
// a source of batches, and train.Source such a source of examples.
//
// A method that needs data and gets none is an error that matches [ErrConfig] and names the setting; data for one that
// needs none, or for an adapter that is loaded, and data without any batch match [ErrInput]. When the context ends,
// attaching ends with its error.
func Calibrate(ctx context.Context, batches iter.Seq2[Tensors, error]) Option {
	return func(o *options) { o.calibrate = &calibrating{ctx, batches} }
}

// NeedsData reports whether an adapter of these settings starts from data, so that [Attach] needs [Calibrate] for it.
// Settings that can't be used need none: attaching says what is wrong with them.
func NeedsData(cfg Config) bool {
	if cfg == nil {
		return false
	}
	needs := false
	err := engine.Guard("reading settings", func() error {
		m, err := cfg.Method()
		if c, ok := m.(seam.Calibrator); err == nil && ok {
			needs = c.Calibration() != nil
		}
		return err
	})
	return needs && err == nil
}

type calibrating struct {
	ctx     context.Context
	batches iter.Seq2[Tensors, error]
}

// calibrated measures what the method asks for. It gives nil where that is nothing, and otherwise the adapter as it is
// planned by then, and what was measured.
func (a *Adapter) calibrated(o *options) (*Adapter, any, error) {
	var c *seam.Calibration
	if m, ok := a.method.(seam.Calibrator); ok {
		c = m.Calibration()
	}
	switch {
	case c == nil && o.calibrate == nil:
		return a, nil, nil
	case c == nil:
		return nil, nil, seam.Inputf("Calibrate", "%s needs no data with these settings", a.cfg.PEFTType())
	case o.calibrate == nil:
		return nil, nil, seam.Fieldf(c.Setting, "needs data for the first values: give Attach the option peft.Calibrate")
	case o.calibrate.batches == nil:
		return nil, nil, seam.Inputf("Calibrate", "there are no batches: they are nil")
	}
	so, err := a.measure(c, o.calibrate)
	if err != nil {
		return nil, nil, fmt.Errorf("measuring for %s: %w", c.Setting, err)
	}
	if c.Refine == nil {
		return a, so, nil
	}
	cfg, err := c.Refine(a.Config(), so)
	if err != nil {
		return nil, nil, err
	}
	refined, err := newAdapter(a.name, a.backbone, cfg, seam.Planning{Lenient: o.lenient})
	if err != nil {
		return nil, nil, err
	}
	refined.ownSized = a.ownSized
	return refined, so, nil
}

// measure runs the batches.
func (a *Adapter) measure(c *seam.Calibration, o *calibrating) (so any, err error) {
	key, err := seam.MarshalConfig(a.cfg)
	if err != nil {
		return nil, err
	}
	p := program{
		key: "measure:" + string(key),
		build: func(b *seam.Builder, in seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			outputs, sites, names := b.Measure(c, a.plan, in)
			if len(outputs) == 0 {
				panic(fmt.Errorf("%w: %s measures nothing", ErrConfig, a.cfg.PEFTType()))
			}
			for i := range names {
				names[i] = sites[i] + "\x00" + names[i]
			}
			return outputs, names
		},
	}
	bare, some, enough := New(a.backbone), false, false
	for batch, err := range o.batches {
		if err != nil {
			return nil, err
		}
		parts := []Tensors{batch}
		if c.EachRow {
			if parts, err = eachRow(batch); err != nil {
				return nil, err
			}
		}
		for _, in := range parts {
			out, names, err := bare.run(o.ctx, p, Base(), in, nil, nil)
			if err != nil {
				return nil, err
			}
			measured := seam.NewMeasured()
			measured.Batches, some = 1, true
			for i, t := range out {
				site, name, _ := strings.Cut(names[i], "\x00")
				flat, err := safetensors.Floats(t)
				if err != nil {
					return nil, err
				}
				measured.Put(site, name, flat, t.Shape().Dimensions...)
				_ = t.FinalizeAll() // what can't be freed now is collected later
			}
			if so, enough, err = c.Join(so, measured); err != nil {
				return nil, err
			}
			if enough {
				return so, nil
			}
		}
	}
	if !some {
		return nil, seam.Inputf("Calibrate", "there is no batch")
	}
	return so, nil
}

// eachRow cuts a batch into its rows.
func eachRow(batch Tensors) ([]Tensors, error) {
	rows, first := -1, ""
	for name, t := range batch {
		switch {
		case t == nil || !t.Ok():
			return nil, seam.Inputf(name, "is nil or was finalized")
		case t.Rank() == 0:
		case rows < 0:
			rows, first = t.Shape().Dimensions[0], name
		case rows != t.Shape().Dimensions[0]:
			return nil, seam.Inputf(name, "has %d rows, and %s %d: a batch that is measured row by row needs as many of each", t.Shape().Dimensions[0], first, rows)
		}
	}
	out := make([]Tensors, max(rows, 0))
	for i := range out {
		out[i] = Tensors{}
		for name, t := range batch {
			if t.Rank() == 0 {
				out[i][name] = t
				continue
			}
			row, err := rowOf(t, i)
			if err != nil {
				return nil, err
			}
			out[i][name] = row
		}
	}
	return out, nil
}

// rowOf copies a row of a tensor, which keeps its axis.
func rowOf(t *Tensor, i int) (*Tensor, error) {
	shape := t.Shape().Clone()
	shape.Dimensions[0] = 1
	row := tensors.FromShape(shape)
	var inner error
	err := t.ConstBytes(func(all []byte) {
		inner = row.MutableBytes(func(to []byte) { copy(to, all[i*len(to):]) })
	})
	if err == nil {
		err = inner
	}
	return row, err
}
