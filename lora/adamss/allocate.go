package adamss

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// allocating is AdaMSS whose subspaces are stopped step by step: adaptive subspace allocation.
type allocating struct{ *method }

var _ seam.Stepper = (*allocating)(nil)

// part is one subspace of one site.
type part struct {
	site    string
	i       int
	stopped []float32 // the state of all of the site, 1 where it trains no more
}

// names are those of the part's values.
func (p part) names() []string { return []string{number(nameA, p.i), number(nameB, p.i)} }

// AfterStep implements seam.Stepper.
func (m *allocating) AfterStep(s *seam.Step) error {
	step := s.Number - 1 // HF PEFT counts from 0
	all, err := parts(s)
	if err != nil {
		return err
	}
	for _, p := range all { // those stopped before stay where they are
		if p.stopped[p.i] != 0 {
			if err := p.hold(s); err != nil {
				return err
			}
		}
	}
	if step < m.c.InitWarmup || step > m.c.FinalWarmup {
		return nil
	}
	running := slices.DeleteFunc(slices.Clone(all), func(p part) bool { return p.stopped[p.i] != 0 })
	for _, p := range running {
		if err := p.measure(s, float32(m.c.ImportanceBeta), float32(m.c.UncertaintyBeta)); err != nil {
			return err
		}
	}
	if step%m.c.MaskInterval != 0 {
		return nil
	}
	return m.stop(s, running, m.budget(step, len(all)))
}

// parts lists the subspaces of all sites.
func parts(s *seam.Step) ([]part, error) {
	var out []part
	for _, site := range s.Sites() {
		n := 0
		for s.Has(site, number(nameA, n)) {
			n++
		}
		stopped, err := s.State(site+".stopped", n)
		if err != nil {
			return nil, err
		}
		for i := range n {
			out = append(out, part{site, i, stopped})
		}
	}
	return out, nil
}

// budget is how many subspaces a step between both warm-ups is to leave, of so many in all.
func (m *allocating) budget(step, all int) int {
	left := 1 - float64(step-m.c.InitWarmup)/float64(m.c.FinalWarmup-m.c.InitWarmup)
	target := float64(m.c.ASATargetSubspaces)
	return int(target + (float64(all)-target)*math.Pow(left, m.c.ScheduleExponent))
}

// moments are what is remembered of a value of the part: how much each element matters, and how uncertain that is.
func (p part) moments(s *seam.Step, name string, size int) (mean, spread []float32, err error) {
	if mean, err = s.State(p.site+"."+name+".sensitivity", size); err != nil {
		return nil, nil, err
	}
	spread, err = s.State(p.site+"."+name+".uncertainty", size)
	return mean, spread, err
}

// measure smooths how large value times gradient is for each element of A and B, and how far that varies.
func (p part) measure(s *seam.Step, beta1, beta2 float32) error {
	for _, name := range p.names() {
		value, err := s.Value(p.site, name)
		if err != nil {
			return err
		}
		grad, err := s.Gradient(p.site, name)
		if err != nil {
			return err
		}
		mean, spread, err := p.moments(s, name, len(value))
		if err != nil {
			return err
		}
		for i, v := range value {
			now := float32(math.Abs(float64(v * grad[i])))
			spread[i] = beta2*spread[i] + (1-beta2)*float32(math.Abs(float64(now-mean[i])))
			mean[i] = beta1*mean[i] + (1-beta1)*now
		}
	}
	return nil
}

// score is how much the part matters, and forgets what that was taken from.
func (p part) score(s *seam.Step) (float64, error) {
	total := 0.0
	for _, name := range p.names() {
		value, err := s.Value(p.site, name)
		if err != nil {
			return 0, err
		}
		mean, spread, err := p.moments(s, name, len(value))
		if err != nil {
			return 0, err
		}
		sum := 0.0
		for i := range mean {
			sum += float64(mean[i] * spread[i])
		}
		total += sum / float64(len(value))
		clear(mean)
		clear(spread)
	}
	return total, nil
}

// stop ends the training of the parts that matter least, where more run than the budget. As in HF PEFT, that of the part
// with which the budget is full ends too.
func (m *allocating) stop(s *seam.Step, running []part, budget int) error {
	scores := make([]float64, len(running))
	for k, p := range running {
		var err error
		if scores[k], err = p.score(s); err != nil {
			return err
		}
	}
	if budget >= len(running) {
		return nil
	}
	sorted := slices.Sorted(slices.Values(scores))
	bound := sorted[len(sorted)-budget]
	for k, p := range running {
		if scores[k] > bound {
			continue
		}
		p.stopped[p.i] = 1
		if err := p.keep(s); err != nil {
			return err
		}
	}
	return nil
}

// keep remembers the part's values as they are.
func (p part) keep(s *seam.Step) error {
	return p.each(s, func(value, kept []float32) { copy(kept, value) })
}

// hold puts back what the optimiser made of the values that keep remembered.
func (p part) hold(s *seam.Step) error {
	return p.each(s, func(value, kept []float32) { copy(value, kept) })
}

func (p part) each(s *seam.Step, f func(value, kept []float32)) error {
	for _, name := range p.names() {
		value, err := s.Value(p.site, name)
		if err != nil {
			return err
		}
		kept, err := s.State(p.site+"."+name+".kept", len(value))
		if err != nil {
			return err
		}
		f(value, kept)
	}
	return nil
}
