package adalora

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// AfterStep implements seam.Stepper: it measures what each rank matters and, when that is due, sets the E of those that matter
// least to 0.
func (m *method) AfterStep(s *seam.Step) error {
	last := m.c.TotalStep - m.c.TFinal // the step after which no further rank is taken away
	if s.Total > 0 && s.Total < m.c.TotalStep {
		s.Warn("total_step: AdaLoRA's budget is for a run of %d steps, and this one has %d: no rank is taken away", m.c.TotalStep, s.Total)
		return nil
	}
	if s.Number < last {
		s.Unfinished()
		if err := m.measure(s); err != nil {
			return err
		}
	}
	switch {
	case s.Number > last:
		return m.takeAgain(s)
	case s.Number == last, s.Number > m.c.TInit && s.Number%m.c.DeltaT == 0:
		return m.take(s)
	}
	return nil
}

// sites lists the sites of AdaLoRA that have ranks, and the number of all these.
func sites(s *seam.Step) (paths []string, ranks int, err error) {
	for _, path := range s.Sites() {
		if !s.Has(path, nameE) {
			continue
		}
		e, err := s.Value(path, nameE)
		if err != nil {
			return nil, 0, err
		}
		if len(e) > 0 {
			paths, ranks = append(paths, path), ranks+len(e)
		}
	}
	return paths, ranks, nil
}

// budget is how many ranks the targets have together after a step, of ranks at first.
func (m *method) budget(step, ranks, targets int) int {
	goal := min(m.c.TargetR*targets, ranks)
	left := 1 - float64(step-m.c.TInit)/float64(m.c.TotalStep-m.c.TFinal-m.c.TInit)
	return int(float64(ranks-goal)*left*left*left + float64(goal))
}

// measure smooths, for each element of A, B and E, how large value times gradient is, and how far that varies.
func (m *method) measure(s *seam.Step) error {
	paths, _, err := sites(s)
	if err != nil {
		return err
	}
	beta1, beta2 := float32(m.c.Beta1), float32(m.c.Beta2)
	for _, path := range paths {
		for _, name := range []string{nameA, nameB, nameE} {
			value, err := s.Value(path, name)
			if err != nil {
				return err
			}
			grad, err := s.Gradient(path, name)
			if err != nil {
				return err
			}
			mean, spread, err := moments(s, path, name, len(value))
			if err != nil {
				return err
			}
			for i, v := range value {
				now := float32(math.Abs(float64(v * grad[i])))
				mean[i] = beta1*mean[i] + (1-beta1)*now
				spread[i] = beta2*spread[i] + (1-beta2)*float32(math.Abs(float64(now-mean[i])))
			}
		}
	}
	return nil
}

// moments are what is remembered of a value: how much each element matters, and how uncertain that is.
func moments(s *seam.Step, path, name string, size int) (mean, spread []float32, err error) {
	if mean, err = s.State(path+"."+name+".sensitivity", size); err != nil {
		return nil, nil, err
	}
	spread, err = s.State(path+"."+name+".uncertainty", size)
	return mean, spread, err
}

// take sets E to 0 where it matters least, until the budget is met. All of equal score go together.
func (m *method) take(s *seam.Step) error {
	paths, ranks, err := sites(s)
	if err != nil {
		return err
	}
	scores := map[string][]float64{}
	var all []float64
	for _, path := range paths {
		if scores[path], err = score(s, path); err != nil {
			return err
		}
		all = append(all, scores[path]...)
	}
	slices.Sort(all)
	bound := math.Inf(-1)
	if n := ranks - m.budget(s.Number, ranks, len(paths)); n > 0 {
		bound = all[n-1]
	}
	for _, path := range paths {
		e, err := s.Value(path, nameE)
		if err != nil {
			return err
		}
		gone, err := s.State(path+".gone", len(e))
		if err != nil {
			return err
		}
		for i, v := range scores[path] {
			if gone[i] = 0; v <= bound {
				e[i], gone[i] = 0, 1
			}
		}
	}
	return nil
}

// takeAgain keeps at 0 what was taken away.
func (m *method) takeAgain(s *seam.Step) error {
	paths, _, err := sites(s)
	if err != nil {
		return err
	}
	for _, path := range paths {
		e, err := s.Value(path, nameE)
		if err != nil {
			return err
		}
		gone, err := s.State(path+".gone", len(e))
		if err != nil {
			return err
		}
		for i, yes := range gone {
			if yes != 0 {
				e[i] = 0
			}
		}
	}
	return nil
}

// score is what each rank of a site matters: the product of both moments, of E, and in the mean of its row of A and of its
// column of B.
func score(s *seam.Step, path string) ([]float64, error) {
	e, err := s.Value(path, nameE)
	if err != nil {
		return nil, err
	}
	r := len(e)
	out := make([]float64, r)
	for _, name := range []string{nameE, nameA, nameB} {
		value, err := s.Value(path, name)
		if err != nil {
			return nil, err
		}
		mean, spread, err := moments(s, path, name, len(value))
		if err != nil {
			return nil, err
		}
		each := len(value) / r
		for i := range mean {
			k := i / each
			if name == nameB {
				k = i % r
			}
			out[k] += float64(mean[i]) * float64(spread[i]) / float64(each)
		}
	}
	return out, nil
}
