package lora

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/peft/seam"
)

// measuredInputs names what goes into a target, a row for each position; measuredMask which of the rows count.
const measuredInputs, measuredMask = "inputs", "mask"

// evaState is what EVA knows of each target after the batches so far.
type evaState struct {
	paths  []string           // of the targets, in order
	leader map[string]string  // the first target with the same inputs
	of     map[string]*spread // by leader
	most   map[string]int     // directions that are sought, by target
	ranks  map[string]int     // what each target would get now
	budget int                // ranks of all targets together
}

func (m *method) evaCalibration() *seam.Calibration {
	set := m.c.eva()
	return &seam.Calibration{
		Setting: fieldInit,
		Measure: func(p *seam.Probe) seam.Nodes {
			if !p.Has(nameScale) || p.Site.Kind != seam.Linear {
				return nil
			}
			mask := p.Argument("attention_mask")
			if labels := p.Argument("labels"); *set.UseLabelMask && labels != nil {
				kept := graph.ConvertDType(graph.NotEqual(labels, graph.Scalar(labels.Graph(), labels.DType(), *set.LabelMaskValue)), dtypes.Float32)
				switch {
				case mask == nil:
					mask = kept
				case slices.Equal(mask.Shape().Dimensions, kept.Shape().Dimensions):
					mask = graph.Mul(graph.ConvertDType(mask, dtypes.Float32), kept)
				}
			}
			return seam.Nodes{measuredInputs: p.Rows(), measuredMask: p.RowMask(mask)}
		},
		Collect: func(so any, batch *seam.Measured) (any, bool, error) {
			state, ok := so.(*evaState)
			if !ok {
				var err error
				if state, err = m.evaBegin(batch); err != nil {
					return nil, false, err
				}
			}
			err := state.add(batch, set.Tau)
			return state, state.done(), err
		},
		Refine: func(cfg seam.Config, so any) (seam.Config, error) {
			state, ok := so.(*evaState)
			c, fits := cfg.(*Config)
			if !ok || !fits {
				return nil, fmt.Errorf("%w: %T and %T", seam.ErrConfig, cfg, so)
			}
			return c, m.evaRanks(c, state)
		},
	}
}

// evaBegin looks at the first batch: which targets there are, which of them read the same, and how many directions each may get.
func (m *method) evaBegin(batch *seam.Measured) (*evaState, error) {
	rho := m.c.eva().Rho
	e := &evaState{leader: map[string]string{}, of: map[string]*spread{}, most: map[string]int{}, ranks: map[string]int{}}
	e.paths = batch.Sites()
	var leaders []string
	for _, path := range e.paths {
		x, shape, err := batch.Value(path, measuredInputs)
		if err != nil {
			return nil, err
		}
		r, err := m.c.RankPattern.For(path, m.c.R)
		if err != nil {
			return nil, seam.Fieldf("rank_pattern", "%v", err)
		}
		width := shape[1]
		most := min(int(math.RoundToEven(float64(r)*rho)), width)
		e.budget += r
		i := slices.IndexFunc(leaders, func(other string) bool {
			y, _, err := batch.Value(other, measuredInputs)
			return err == nil && slices.Equal(x, y)
		})
		if i < 0 {
			leaders = append(leaders, path)
			e.of[path] = &spread{width: width, rnd: seeded.Rand(0, "eva "+path)}
			i = len(leaders) - 1
		}
		first := leaders[i]
		e.leader[path] = first
		e.of[first].most = max(e.of[first].most, most)
	}
	for _, path := range e.paths {
		e.most[path] = e.of[e.leader[path]].most
		e.ranks[path] = e.most[path]
	}
	return e, nil
}

// add looks at a further batch.
func (e *evaState) add(batch *seam.Measured, tau float64) error {
	for _, path := range e.paths {
		if e.leader[path] != path {
			continue
		}
		of := e.of[path]
		if of.found >= e.ranks[path] {
			continue
		}
		x, shape, err := batch.Value(path, measuredInputs)
		if err != nil {
			return err
		}
		mask, _, err := batch.Value(path, measuredMask)
		if err != nil {
			return err
		}
		if err := of.add(path, x, mask, shape[1], tau); err != nil {
			return err
		}
	}
	e.share()
	return nil
}

// share gives the ranks of all targets to the directions that explain most of their inputs.
func (e *evaState) share() {
	type candidate struct {
		path  string
		share float64
	}
	var all []candidate
	for _, path := range e.paths {
		of := e.of[e.leader[path]]
		if of.directions == nil { // no batch had enough rows so far
			return
		}
		for _, share := range of.explained {
			all = append(all, candidate{path, share})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	for _, path := range e.paths {
		e.ranks[path] = 0
	}
	for _, c := range all[:min(e.budget, len(all))] {
		e.ranks[c.path]++
	}
	for _, path := range e.paths { // of targets with the same inputs the first is the one whose directions are found
		first := e.leader[path]
		if e.ranks[path] > e.ranks[first] {
			e.ranks[path], e.ranks[first] = e.ranks[first], e.ranks[path]
		}
	}
}

// done reports whether all directions are found that any target gets.
func (e *evaState) done() bool {
	return !slices.ContainsFunc(e.paths, func(path string) bool { return e.leader[path] == path && e.of[path].found < e.ranks[path] })
}

// evaRanks writes the targets' new ranks into the config.
func (m *method) evaRanks(c *Config, e *evaState) error {
	set := m.c.eva()
	var ranks seam.Pattern[int]
	var alphas seam.Pattern[float64]
	var left []string
	removed := false
	for _, path := range e.paths {
		if of := e.of[e.leader[path]]; of.directions == nil {
			return seam.Inputf("Calibrate", "no batch has the %d rows that the directions of what goes into %s need: give larger batches", of.most, path)
		}
		now := e.ranks[path]
		if now == 0 {
			removed = true
			continue
		}
		left = append(left, path)
		r, err := m.c.RankPattern.For(path, m.c.R)
		if err != nil {
			return seam.Fieldf("rank_pattern", "%v", err)
		}
		alpha, err := m.c.AlphaPattern.For(path, m.c.Alpha)
		if err != nil {
			return seam.Fieldf("alpha_pattern", "%v", err)
		}
		if now != r {
			ranks = append(ranks, seam.Rule[int]{Match: path, Value: now})
		}
		if now != r && *set.AdjustScalingFactors {
			alphas = append(alphas, seam.Rule[float64]{Match: path, Value: alpha * float64(now) / float64(r)})
		}
	}
	// Former rules stay for what these don't speak of.
	c.RankPattern, c.AlphaPattern = append(ranks, c.RankPattern...), append(alphas, c.AlphaPattern...)
	if removed {
		c.Targets = seam.Match(left...)
	}
	return nil
}

// startEVA starts A at a target's directions; B is zero.
func (m *method) startEVA(in *seam.Init, s seam.Site) error {
	e, ok := in.Measured().(*evaState)
	if !ok {
		return fmt.Errorf("%w: nothing was measured", seam.ErrTensor)
	}
	a, _, r, err := pair(in, s, nameA, nameB)
	if err != nil {
		return err
	}
	of := e.of[e.leader[s.Path]]
	if of == nil || of.directions == nil || r > len(of.values) {
		return fmt.Errorf("%w: %d directions of what goes into %s were not measured", seam.ErrTensor, r, s.Path)
	}
	for k := range r {
		length := 1.0
		if m.c.eva().Whiten && of.values[k] > 0 {
			length = 1 / math.Sqrt(of.values[k])
		}
		for j := range s.In {
			a[k*s.In+j] = float32(length * of.directions.At(k, j))
		}
	}
	return nil
}
