package generate

import (
	"math"
	"slices"
)

var never = float32(math.Inf(-1))

// history is a row as far as it is written.
type history struct {
	ids   []int32
	start int // the first new token
	skip  int // leading padding
}

// process changes the scores of the next token in place, in transformers' order.
func (s *settings) process(h history, scores []float32) {
	if s.RepetitionPenalty != 0 && s.RepetitionPenalty != 1 {
		penalize(scores, h.ids[h.skip:], float32(s.RepetitionPenalty))
	}
	if s.NoRepeatNGram > 0 {
		banRepeats(scores, h.ids, s.NoRepeatNGram)
	}
	if len(h.ids) < s.MinLength || len(h.ids)-h.start < s.MinNewTokens {
		ban(scores, s.EOS)
	}
	if s.ForcedBOS != nil && len(h.ids) == 1 {
		force(scores, []int32{*s.ForcedBOS})
	}
	if len(s.ForcedEOS) > 0 && len(h.ids) == s.maxLength-1 {
		force(scores, s.ForcedEOS)
	}
	ban(scores, s.Suppress)
	begin := h.start
	if s.ForcedBOS != nil && h.start == 1 {
		begin++
	}
	if len(h.ids) == begin {
		ban(scores, s.SuppressFirst)
	}
}

// penalize makes tokens that occur less likely.
func penalize(scores []float32, ids []int32, penalty float32) {
	seen := make(map[int32]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if scores[id] < 0 {
			scores[id] *= penalty
		} else {
			scores[id] /= penalty
		}
	}
}

// banRepeats rules out what would complete a sequence of n tokens that occurs already.
func banRepeats(scores []float32, ids []int32, n int) {
	if len(ids) < n {
		return
	}
	end := ids[len(ids)+1-n:]
	for i := 0; i+n <= len(ids); i++ {
		if slices.Equal(ids[i:i+n-1], end) {
			scores[ids[i+n-1]] = never
		}
	}
}

func ban(scores []float32, ids []int32) {
	for _, id := range ids {
		scores[id] = never
	}
}

// force leaves only these.
func force(scores []float32, ids []int32) {
	for i := range scores {
		scores[i] = never
	}
	for _, id := range ids {
		scores[id] = 0
	}
}
