package tokenizer

// preTokenizer splits pieces of text into words; pieces that are added tokens pass through it.
type preTokenizer interface {
	split(*memory, []piece) []piece
}

func preTokenizers() map[string]func(object) (preTokenizer, error) {
	return map[string]func(object) (preTokenizer, error){
		"BertPreTokenizer":   func(object) (preTokenizer, error) { return bertPreTokenizer{}, nil },
		"ByteLevel":          parseByteLevel,
		"CharDelimiterSplit": parseDelimiter,
		"Digits":             parseDigits,
		"FixedLength":        parseFixedLength,
		"Metaspace":          func(o object) (preTokenizer, error) { return parseMetaspace(o) },
		"Punctuation":        parsePunctuation,
		"Split":              parseSplit,
		"UnicodeScripts":     func(object) (preTokenizer, error) { return unicodeScripts{}, nil },
		"Whitespace":         func(object) (preTokenizer, error) { return whitespace{}, nil },
		"WhitespaceSplit":    func(object) (preTokenizer, error) { return splitWhere{isSpace, dropped}, nil },
		"Sequence": func(o object) (preTokenizer, error) {
			list, err := components(o, "pretokenizers", preTokenizers)
			return preTokenizerSequence(list), err
		},
	}
}

// bertPreTokenizer splits at white space, which it drops, and makes each punctuation character a word.
type bertPreTokenizer struct{}

func (bertPreTokenizer) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		start := 0
		end := func(i int) {
			c.add(start, i)
			start = i
		}
		for i, r := range t.runes {
			if isSpace(r) {
				end(i)
				start = i + 1
			} else if isPunctuation(r) {
				end(i)
				end(i + 1)
			}
		}
		end(t.len())
	})
}

// preTokenizerSequence applies pre-tokenizers one after another.
type preTokenizerSequence []preTokenizer

func (s preTokenizerSequence) split(m *memory, pieces []piece) []piece {
	for _, p := range s {
		pieces = p.split(m, pieces)
	}
	return pieces
}

func parseDelimiter(o object) (preTokenizer, error) {
	r, err := character(o, "delimiter")
	return splitWhere{func(c rune) bool { return c == r }, dropped}, err
}

// parseDigits reads Digits: numbers as words of their own, or each digit.
func parseDigits(o object) (preTokenizer, error) {
	single, err := field[bool](o, "individual_digits")
	if single {
		return splitWhere{isNumeric, isolated}, err
	}
	return splitWhere{isNumeric, contiguous}, err
}

func parsePunctuation(o object) (preTokenizer, error) {
	how, err := parseBehaviour(o, "Isolated")
	return splitWhere{isPunctuation, how}, err
}

// whitespace makes words of runs of word characters and of runs of others but white space, which it drops.
type whitespace struct{}

func (whitespace) split(m *memory, pieces []piece) []piece {
	kind := func(r rune) int {
		switch {
		case isWord(r):
			return 1
		case isSpace(r):
			return 0
		}
		return 2
	}
	return m.splitText(pieces, func(t aligned, c *cut) {
		for start := 0; start < t.len(); {
			k, end := kind(t.runes[start]), start+1
			for end < t.len() && kind(t.runes[end]) == k {
				end++
			}
			if k > 0 {
				c.add(start, end)
			}
			start = end
		}
	})
}
