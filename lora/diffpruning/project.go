package diffpruning

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora/internal/places"
	"github.com/gopeft/gopeft/peft/seam"
)

// settled is the α of a gate that is open for good, and minus that of one that is shut: so far out no draw and no step of an
// optimiser reaches, and the gate's gradient is 0.
const settled = 100

// AfterStep implements seam.Stepper: the projection, when it is due.
func (m *method) AfterStep(s *seam.Step) error {
	if m.c.KeptPerModule != nil {
		return nil
	}
	if s.Total == 0 {
		s.Unfinished()
		s.Warn("target_density: without the number of steps of the run, all differences stay: see peft.Adapter.Stepping")
		return nil
	}
	due := s.Total - m.c.FixedSteps
	switch {
	case due < 1:
		return seam.Fieldf("fixed_steps", "%d leaves none of the run's %d steps to the gates", m.c.FixedSteps, s.Total)
	case s.Number < due:
		s.Unfinished()
	case s.Number == due:
		return m.project(s)
	default:
		return settle(s)
	}
	return nil
}

// settle puts gates back to where they were settled: weight decay draws them from there.
func settle(s *seam.Step) error {
	for _, path := range s.Sites() {
		d, err := differencesOf(path, s.Has, s.Value)
		if err != nil {
			return err
		}
		if d.group != nil {
			d.group[0] = settled
		}
		for i, alpha := range d.alpha {
			if alpha > 0 {
				d.alpha[i] = settled
			} else {
				d.alpha[i], d.diff[i] = -settled, 0
			}
		}
	}
	return nil
}

// differences are the values of a target while its gates train.
type differences struct{ diff, alpha, group []float32 }

func differencesOf(path string, has func(site, name string) bool, value func(site, name string) ([]float32, error)) (d differences, err error) {
	if d.diff, err = value(path, nameDiff); err != nil {
		return d, err
	}
	if d.alpha, err = value(path, nameAlpha); err != nil || !has(path, nameGroup) {
		return d, err
	}
	d.group, err = value(path, nameGroup)
	return d, err
}

// project leaves the largest differences of all targets together, with the gates as they are on the mean, and settles all gates.
func (m *method) project(s *seam.Step) error {
	var all []differences
	var sizes [][]float32
	total := 0
	for _, path := range s.Sites() {
		d, err := differencesOf(path, s.Has, s.Value)
		if err != nil {
			return err
		}
		whole := float32(1)
		if d.group != nil {
			whole = m.middle(d.group[0])
			d.group[0] = settled
		}
		size := make([]float32, len(d.diff))
		for i := range d.diff {
			d.diff[i] *= whole * m.middle(d.alpha[i])
			size[i] = float32(math.Abs(float64(d.diff[i])))
			if math.IsNaN(float64(size[i])) {
				return fmt.Errorf("%w: a difference of %s is NaN", seam.ErrTensor, path)
			}
		}
		all, sizes, total = append(all, d), append(sizes, size), total+len(size)
	}
	kept := places.Largest(sizes, max(1, int(math.Round(m.c.TargetDensity*float64(total)))))
	for k, d := range all {
		for i := range d.alpha {
			d.alpha[i] = -settled
		}
		chosen := make([]bool, len(d.diff))
		for _, i := range kept[k] {
			d.alpha[i], chosen[i] = settled, true
		}
		for i := range d.diff {
			if !chosen[i] {
				d.diff[i] = 0
			}
		}
	}
	return nil
}

// middle is a gate outside of training.
func (m *method) middle(alpha float32) float32 {
	s := 1 / (1 + math.Exp(-float64(alpha)))
	return float32(min(1, max(0, s*(m.c.Upper-m.c.Lower)+m.c.Lower)))
}

// Export implements seam.Exporter: after the projection the file holds the differences that are left, and where they are.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not diff pruning's config", seam.ErrConfig, cfg)
	}
	if m.c.KeptPerModule != nil {
		return c, in.Values, nil
	}
	all := make([]differences, len(in.Sites))
	for k, s := range in.Sites {
		var err error
		if all[k], err = differencesOf(s.Path, in.Has, in.Flat); err != nil {
			return nil, nil, err
		}
		for _, alpha := range all[k].alpha {
			if math.Abs(float64(alpha)) < settled/2 {
				return c, in.Values, nil
			}
		}
	}
	c.KeptPerModule = map[string]int{}
	for k, s := range in.Sites {
		var values []float32
		var chosen []int
		for i, alpha := range all[k].alpha {
			if alpha > 0 {
				chosen, values = append(chosen, i), append(values, all[k].diff[i])
			}
		}
		for _, name := range []string{nameDiff, nameAlpha, nameGroup} {
			delete(in.Values, key(s, name))
		}
		if c.KeptPerModule[s.Path] = len(chosen); len(chosen) == 0 {
			continue
		}
		indices := make([]int32, 2*len(chosen))
		places.Fill(s, chosen, indices)
		in.Values[key(s, nameValues)] = tensors.FromFlatDataAndDimensions(values, len(values))
		in.Values[key(s, namePlaces)] = tensors.FromFlatDataAndDimensions(indices, 2, len(chosen))
	}
	return c, in.Values, nil
}

func key(s seam.Site, name string) string {
	p := seam.Param{Site: s.Path, Name: name}
	return p.FileKey()
}
