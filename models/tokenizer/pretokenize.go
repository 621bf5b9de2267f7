package tokenizer

// preTokenizer splits pieces of text into words; pieces that are added tokens pass through it.
type preTokenizer interface{ split([]piece) []piece }

func preTokenizers() map[string]func(object) (preTokenizer, error) {
	return map[string]func(object) (preTokenizer, error){
		"BertPreTokenizer": func(object) (preTokenizer, error) { return bertPreTokenizer{}, nil },
	}
}

// bertPreTokenizer splits at white space, which it drops, and makes each punctuation character a word.
type bertPreTokenizer struct{}

func (bertPreTokenizer) split(pieces []piece) []piece {
	out := make([]piece, 0, 2*len(pieces)+8)
	for _, p := range pieces {
		if p.id >= 0 {
			out = append(out, p)
			continue
		}
		start := 0
		end := func(i int) {
			if i > start {
				out = append(out, piece{text: p.text.slice(start, i), id: -1})
			}
		}
		for i, r := range p.text.runes {
			if isSpace(r) {
				end(i)
				start = i + 1
			} else if isPunctuation(r) {
				end(i)
				start = i
				end(i + 1)
				start = i + 1
			}
		}
		end(p.text.len())
	}
	return out
}
