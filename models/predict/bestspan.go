package predict

import (
	"math"

	"github.com/gopeft/gopeft/internal/softmax"
	"github.com/gopeft/gopeft/models/tokenizer"
)

// spans is what one row says about an answer.
type spans struct {
	start, end  int     // tokens of the row
	probability float64 // unanswered where the row has no token of the context
	none        float64 // of no answer
}

// unanswered is below every probability.
const unanswered = -1

// finding is the best that the rows of a question say.
type finding struct {
	spans
	index int // of the row
	row   *tokenizer.Encoding
}

// look takes a row's answer where it is better, of rows that are as good the first. That there is no answer is the least
// that any row says.
func (f *finding) look(s spans, index int, row *tokenizer.Encoding) {
	none := min(f.none, s.none)
	if s.probability > f.probability || f.row != nil && s.probability == f.probability && index < f.index {
		*f = finding{spans: s, index: index, row: row}
	}
	f.none = none
}

// spans finds the best start and end in a row by the logits of its tokens. Probabilities are over the tokens of the
// context and the one that stands for the whole row (cls, -1 for none), by which a backbone says that there is no answer.
func (p *Predictor) spans(row *tokenizer.Encoding, cls int32, startLogits, endLogits []float32) spans {
	n := row.Len()
	open := make([]bool, n) // tokens of the context
	counts := make([]bool, n)
	for j := range n {
		open[j] = row.SequenceIDs[j] == 1
		counts[j] = open[j] || cls >= 0 && row.IDs[j] == cls
	}
	starts, ends := softmaxOf(startLogits[:n], counts), softmaxOf(endLogits[:n], counts)
	out := spans{probability: unanswered, none: starts[0] * ends[0]}
	for s := range n {
		for e := s; open[s] && e < min(n, s+p.options.maxAnswer()); e++ {
			if x := starts[s] * ends[e]; open[e] && x > out.probability {
				out.start, out.end, out.probability = s, e, x
			}
		}
	}
	return out
}

// softmaxOf gives the probabilities of the logits that count; the others have none.
func softmaxOf(logits []float32, counts []bool) []float64 {
	only := make([]float32, len(logits))
	for i, x := range logits {
		only[i] = x
		if !counts[i] {
			only[i] = float32(math.Inf(-1))
		}
	}
	return softmax.Of(only)
}
