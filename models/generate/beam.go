package generate

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// unlikely is far below any score, as transformers marks beams that are not to be taken.
const unlikely = float32(-1e9)

// hypothesis is a row of beam search.
type hypothesis struct {
	ids      []int32
	score    float32 // sum of log-probabilities; over the length penalty once it is finished
	from     int     // the beam it goes on from
	finished bool
}

// search is beam search for one prompt.
type search struct {
	running, finished []hypothesis
	hopeful           bool // whether a running beam may beat the finished ones
	allHit            bool // whether no candidate of the last step can go on
}

// beamSearch is transformers' (version 5): its rows compete until none can improve.
func (w *writer) beamSearch(ctx context.Context) (*Result, error) {
	start, k := w.rows[0].start, w.Beams
	items := make([]*search, len(w.rows)/k)
	for i := range items {
		s := &search{hopeful: true}
		for j := range k {
			h := hypothesis{ids: w.rows[i*k+j].ids}
			s.finished = append(s.finished, hypothesis{ids: h.ids, score: unlikely})
			if j > 0 { // all beams are the same at first: only one may go on
				h.score = unlikely
			}
			s.running = append(s.running, h)
		}
		items[i] = s
	}
	scores, err := w.first(ctx, w.rows)
	for ; err == nil; scores, err = w.nextBeams(ctx, items) {
		for i, s := range items {
			w.advance(s, scores[i*k:(i+1)*k], w.rows[i*k])
		}
		if !w.goesOn(items) {
			return w.bestBeams(items, start), nil
		}
	}
	return nil, err
}

// nextBeams reads the last token of every beam, each behind the one that it goes on from.
func (w *writer) nextBeams(ctx context.Context, items []*search) ([][]float32, error) {
	var rows []history
	var from []int32
	for i, s := range items {
		for _, h := range s.running {
			rows = append(rows, history{ids: h.ids})
			from = append(from, int32(i*w.Beams+h.from))
		}
	}
	return w.next(ctx, rows, from)
}

// advance makes one step of one prompt's beams. scores are those of the next tokens, beam by beam.
func (w *writer) advance(s *search, scores [][]float32, prompt history) {
	candidates := w.candidates(s, scores, prompt)
	running := slices.Clone(candidates)
	s.allHit = true
	for i := range candidates {
		c := &candidates[i]
		c.finished = len(c.ids) >= w.maxLength || w.ends(history{ids: c.ids, start: prompt.start, skip: prompt.skip})
		if c.finished {
			running[i].score += unlikely
		} else {
			s.allHit = false
		}
	}
	s.running = top(running, w.Beams)

	full := w.EarlyStopping == StopWhenFull && allFinished(s.finished)
	for i := range candidates {
		c := &candidates[i]
		c.finished = c.finished && i < w.Beams
		c.score /= w.lengthPower(len(c.ids) - prompt.start)
		if full {
			c.score += unlikely
		}
		if !s.hopeful {
			c.score += unlikely
		}
		if !c.finished {
			c.score += unlikely
		}
	}
	s.finished = top(slices.Concat(s.finished, candidates), w.Beams)
	s.hopeful = s.hopeful && w.mayImprove(s, prompt.start)
}

// candidates are the best ways to go on, more than there are beams, lest all of them end here. The best is first.
func (w *writer) candidates(s *search, scores [][]float32, prompt history) []hypothesis {
	type place struct {
		score       float32
		beam, token int
	}
	order := func(a, b place) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.beam, b.beam), cmp.Compare(a.token, b.token))
	}
	keep := max(2, 1+len(w.EOS)) * w.Beams
	best := make([]place, 0, keep+1)
	for j, h := range s.running {
		row := scores[j]
		logSoftmax(row)
		w.process(history{ids: h.ids, start: prompt.start, skip: prompt.skip}, row)
		for token, v := range row {
			p := place{v + h.score, j, token}
			if len(best) == keep && order(p, best[keep-1]) > 0 {
				continue
			}
			at, _ := slices.BinarySearchFunc(best, p, order)
			best = slices.Insert(best, at, p)
			best = best[:min(len(best), keep)]
		}
	}
	out := make([]hypothesis, len(best))
	for i, p := range best {
		ids := append(slices.Clone(s.running[p.beam].ids), int32(p.token))
		out[i] = hypothesis{ids: ids, score: p.score, from: p.beam}
	}
	return out
}

// top gives the n best hypotheses, the best first.
func top(list []hypothesis, n int) []hypothesis {
	slices.SortStableFunc(list, func(a, b hypothesis) int { return cmp.Compare(b.score, a.score) })
	return slices.Clone(list[:n])
}

func allFinished(list []hypothesis) bool {
	return !slices.ContainsFunc(list, func(h hypothesis) bool { return !h.finished })
}

// lengthPower is what divides the score of a row with so many new tokens.
func (w *writer) lengthPower(length int) float32 {
	return float32(math.Pow(float64(length), w.lengthPenalty()))
}

// mayImprove reports whether the best running beam may beat one of the finished ones, by an estimate of its length.
func (w *writer) mayImprove(s *search, start int) bool {
	length := len(s.running[0].ids) - start
	if w.EarlyStopping == StopWhenImpossible && w.lengthPenalty() > 0 {
		length = w.maxLength - start
	}
	possible := s.running[0].score / w.lengthPower(length)
	worst := s.finished[0].score
	for _, h := range s.finished {
		worst = min(worst, h.score)
	}
	for _, h := range s.finished {
		if h.finished && possible > worst || !h.finished && possible > unlikely {
			return true
		}
	}
	return false
}

// goesOn reports whether any prompt's beams do: all take part until the last is done.
func (w *writer) goesOn(items []*search) bool {
	hopeful, full, hit := false, true, true
	for _, s := range items {
		hopeful = hopeful || s.hopeful
		full = full && allFinished(s.finished)
		hit = hit && s.allHit
	}
	return hopeful && !(full && w.EarlyStopping == StopWhenFull) && !hit
}

// bestBeams gives each prompt's best row, filled up to the longest.
func (w *writer) bestBeams(items []*search, start int) *Result {
	out, longest := &Result{Start: start}, 0
	for _, s := range items {
		longest = max(longest, len(s.finished[0].ids))
	}
	var fill int32
	if pad := w.pad(); pad != nil {
		fill = *pad
	}
	if fill == 0 && len(w.EOS) > 0 { // transformers takes a pad token of 0 for none here
		fill = w.EOS[0]
	}
	for _, s := range items {
		ids := s.finished[0].ids
		out.Sequences = append(out.Sequences, slices.Concat(ids, slices.Repeat([]int32{fill}, longest-len(ids))))
		out.Scores = append(out.Scores, float64(s.finished[0].score))
	}
	return out
}
