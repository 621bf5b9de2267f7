package generate

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/gopeft/gopeft/internal/seeded"
)

// tokens writes each row by itself, the best token or one drawn.
func (w *writer) tokens(ctx context.Context) iter.Seq2[[]int32, error] {
	return func(yield func([]int32, error) bool) {
		var random []*rand.Rand
		if w.sampled() {
			for i := range w.rows {
				random = append(random, seeded.Rand(w.Seed, fmt.Sprint("row ", i)))
			}
		}
		done, pad := make([]bool, len(w.rows)), w.pad()
		scores, err := w.first(ctx, w.rows)
		for err == nil {
			tokens, open := make([]int32, len(w.rows)), 0
			for i := range w.rows {
				row := &w.rows[i]
				switch {
				case done[i]:
					tokens[i] = *pad // writer has checked that there is one where a row may end before another
				default:
					w.process(*row, scores[i])
					if random != nil {
						tokens[i] = w.draw(random[i], scores[i])
					} else {
						tokens[i] = best(scores[i])
					}
				}
				row.ids = append(row.ids, tokens[i])
				if done[i] = done[i] || w.ends(*row); !done[i] {
					open++
				}
			}
			if !yield(tokens, nil) || open == 0 || len(w.rows[0].ids) >= w.maxLength {
				return
			}
			scores, err = w.next(ctx, w.rows, nil)
		}
		yield(nil, err)
	}
}

// best is the first of the tokens with the highest score.
func best(scores []float32) int32 {
	at := 0
	for i, v := range scores {
		if v > scores[at] {
			at = i
		}
	}
	return int32(at)
}
