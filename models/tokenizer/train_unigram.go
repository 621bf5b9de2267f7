package tokenizer

import (
	"fmt"
	"math"
	"slices"
)

// unigramLearner learns by expectation and maximisation over a large set of substrings, of which it drops those that
// the texts would miss least (Kudo 2018).
type unigramLearner struct {
	words   []wordCount
	size    int
	longest int
	keep    float64
	rounds  int
}

// seeds is the most substrings to begin with.
const seeds = 1_000_000

func learnUnigram(model object, words []wordCount, o *TrainOptions) error {
	l := unigramLearner{words: words, size: o.VocabSize, longest: o.MaxPieceLength, keep: o.ShrinkingFactor, rounds: o.SubIterations}
	if l.size == 0 {
		l.size = 8000
	}
	if l.longest == 0 {
		l.longest = 16
	}
	if l.keep == 0 {
		l.keep = 0.75
	}
	if l.rounds == 0 {
		l.rounds = 2
	}
	if !(l.keep > 0 && l.keep < 1) || l.rounds < 0 || l.longest < 0 {
		return fmt.Errorf("%w: ShrinkingFactor %v, SubIterations %d, MaxPieceLength %d", ErrTraining, l.keep, l.rounds, l.longest)
	}
	required := l.required(o.InitialAlphabet)
	if len(required) > l.size {
		return fmt.Errorf("%w: %d characters in a vocabulary of %d", ErrTraining, len(required), l.size)
	}
	special := unique(o.SpecialTokens)
	unk := slices.Index(special, o.UnkToken)
	if unk < 0 && o.UnkToken != "" {
		special = slices.Insert(special, 0, o.UnkToken)
		unk = 0
	}
	if len(special) >= l.size {
		return fmt.Errorf("%w: %d special tokens in a vocabulary of %d", ErrTraining, len(special), l.size)
	}

	m := l.seed()
	for {
		before := len(m.texts)
		for range l.rounds {
			m = l.improve(m)
		}
		if len(m.texts) <= l.size*11/10 {
			break
		}
		if m = l.prune(m); len(m.texts) == before {
			break // nothing more can go
		}
	}
	texts, scores := l.finish(m, required, l.size-len(special))
	entries := make([][2]any, 0, len(special)+len(texts))
	for _, s := range special {
		entries = append(entries, [2]any{s, 0.0})
	}
	for i, t := range texts {
		entries = append(entries, [2]any{t, scores[i]})
	}
	var err error
	if model.fields["vocab"], err = marshal(entries); err != nil {
		return err
	}
	model.fields["unk_id"] = []byte("null")
	if unk >= 0 {
		model.fields["unk_id"] = fmt.Append(nil, unk)
	}
	return nil
}

// required returns the characters that must be in the vocabulary, in ascending order.
func (l *unigramLearner) required(more []rune) []rune {
	out := slices.Clone(more)
	for _, w := range l.words {
		out = append(out, []rune(w.text)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// seed begins with all characters and the substrings that cover most.
func (l *unigramLearner) seed() *pieceModel {
	chars := make(map[rune]int)
	words := make([][]rune, 0, len(l.words))
	for _, w := range l.words {
		runes := []rune(w.text)
		for _, r := range runes {
			chars[r] += w.count
		}
		// a NUL ends a word to the reference
		for from := 0; from < len(runes); {
			to := from
			for to < len(runes) && runes[to] != 0 {
				to++
			}
			words = append(words, runes[from:to])
			from = to + 1
		}
	}
	delete(chars, 0)
	var single []substring
	for r, n := range chars {
		single = append(single, substring{[]rune{r}, n})
	}
	slices.SortFunc(single, bySize)
	more := substrings(words, l.longest)
	slices.SortFunc(more, bySize)

	texts, scores := []string{"<UNK>"}, []float64{math.NaN()}
	sum := 0.0
	for _, s := range append(single, more[:min(len(more), max(1, seeds-len(single)))]...) {
		score := float64(s.count * len(s.text))
		texts, scores = append(texts, string(s.text)), append(scores, score)
		sum += score
	}
	for i := range scores[1:] {
		scores[i+1] = math.Log(scores[i+1]) - math.Log(sum)
	}
	return newPieceModel(texts, scores)
}

// improve makes one round of expectation and maximisation. Pieces that are hardly expected go.
func (l *unigramLearner) improve(m *pieceModel) *pieceModel {
	expected := make([]float64, len(m.texts))
	for _, w := range l.words {
		m.segment(w.text).expect(float64(w.count), expected)
	}
	texts, scores := []string{m.texts[0]}, []float64{math.NaN()}
	sum := 0.0
	for i, n := range expected {
		if i > 0 && n >= 0.5 {
			texts, scores = append(texts, m.texts[i]), append(scores, n)
			sum += n
		}
	}
	// the logarithm of a Bayesian mean, which is hard on rare pieces
	for i := range scores {
		scores[i] = digamma(scores[i]) - digamma(sum)
	}
	return newPieceModel(texts, scores)
}

// prune drops pieces by how much less likely the texts become without them.
func (l *unigramLearner) prune(m *pieceModel) *pieceModel {
	kept, instead := m.alternatives()
	used := make([]float64, len(m.texts))   // how often a piece is on the best path
	weight := make([]float64, len(m.texts)) // of the words it is in, once for each time
	total := 0.0
	for _, w := range l.words {
		n := float64(w.count)
		total += n
		s := m.segment(w.text)
		for _, k := range s.viterbi() {
			used[s.nodes[k].id] += n
			weight[s.nodes[k].id] += n
		}
	}
	sum := 0.0
	for _, n := range used {
		sum += n
	}
	texts, scores := []string{m.texts[0]}, []float64{m.scores[0]}
	type candidate struct {
		id   int
		loss float64
	}
	var candidates []candidate
	for id := 1; id < len(m.texts); id++ {
		switch {
		case used[id] == 0 && !kept[id]:
		case len(instead[id]) == 0:
			texts, scores = append(texts, m.texts[id]), append(scores, m.scores[id])
		case weight[id] > 0:
			// the reference counts all pieces here, where only those in its stead would be meant
			without := math.Log(sum + used[id]*float64(len(m.texts)-1))
			other := 0.0
			for _, k := range instead[id] {
				other += math.Log(used[k]+used[id]) - without
			}
			candidates = append(candidates, candidate{id, weight[id] / total * (math.Log(used[id]) - math.Log(sum) - other)})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		switch {
		case a.loss > b.loss:
			return -1
		case a.loss < b.loss:
			return 1
		}
		return 0
	})
	size := max(l.size*11/10, int(float64(len(m.texts))*l.keep))
	for _, c := range candidates {
		if len(texts) == size {
			break
		}
		texts, scores = append(texts, m.texts[c.id]), append(scores, m.scores[c.id])
	}
	return newPieceModel(texts, scores)
}

// alternatives finds for each piece whether it must stay, and the pieces to write it with if it goes.
func (m *pieceModel) alternatives() (kept []bool, instead [][]int32) {
	kept, instead = make([]bool, len(m.texts)), make([][]int32, len(m.texts))
	for id := 1; id < len(m.texts); id++ {
		kept[id] = true
		s := m.segment(m.texts[id])
		paths := s.best(2)
		if len(paths) < 2 {
			continue
		}
		if kept[id] = len(paths[0]) == 1; kept[id] {
			for _, k := range paths[1] {
				instead[id] = append(instead[id], s.nodes[k].id)
			}
		}
	}
	return kept, instead
}

// finish takes the required characters and then pieces in their order, up to size, and sorts them by score.
func (l *unigramLearner) finish(m *pieceModel, required []rune, size int) ([]string, []float64) {
	scores := make(map[string]float64, len(m.texts))
	for i, t := range m.texts {
		scores[t] = m.scores[i]
	}
	type scored struct {
		text  string
		score float64
	}
	var out []scored
	taken := map[string]bool{m.texts[0]: true}
	missing := 0.0
	take := func(t string, score float64) {
		out = append(out, scored{t, score})
		taken[t] = true
	}
	for _, r := range required {
		t := string(r)
		score, ok := scores[t]
		if !ok {
			score = m.least + missing
			missing += 0.0001
		}
		take(t, score)
	}
	for i, t := range m.texts {
		if taken[t] {
			continue
		}
		if take(t, m.scores[i]); len(out) == size {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	texts, values := make([]string, len(out)), make([]float64, len(out))
	for i, s := range out {
		texts[i], values[i] = s.text, s.score
	}
	return texts, values
}

// digamma is the derivative of the logarithm of the gamma function, by its asymptotic series.
func digamma(x float64) float64 {
	out := 0.0
	for ; x < 7; x++ {
		out -= 1 / x
	}
	x -= 0.5
	y := 1 / (x * x)
	return out + math.Log(x) + y/24 - 7.0/960*y*y + 31.0/8064*y*y*y - 127.0/30720*y*y*y*y
}
