package tokenizer

// bertNormalizer does what BERT's basic tokenizer does before it splits: drop control characters and make all
// white space a space, put spaces around Chinese characters, strip accents, lower the case.
type bertNormalizer struct {
	clean, chinese, accents, lower bool
}

func parseBertNormalizer(o object) (n normalizer, err error) {
	var b bertNormalizer
	if b.clean, err = field[bool](o, "clean_text"); err != nil {
		return nil, err
	}
	if b.chinese, err = field[bool](o, "handle_chinese_chars"); err != nil {
		return nil, err
	}
	if b.lower, err = field[bool](o, "lowercase"); err != nil {
		return nil, err
	}
	// null follows lowercase
	b.accents, err = fieldOr(o, "strip_accents", b.lower)
	return b, err
}

func (b bertNormalizer) normalize(t *aligned) {
	if b.clean {
		t.filter(func(r rune) bool { return !isRemoved(r) })
		for i, r := range t.runes {
			if isSpace(r) {
				t.runes[i] = ' '
			}
		}
	}
	if b.chinese {
		t.separateChinese()
	}
	if b.accents {
		t.decomposeAll()
		t.filter(func(r rune) bool { return !isNonspacing(r) })
	}
	if b.lower {
		t.lowercase()
	}
}

// separateChinese puts each Chinese character between two spaces, which stand for the same place as it.
func (t *aligned) separateChinese() {
	n := 0
	for _, r := range t.runes {
		if isChinese(r) {
			n++
		}
	}
	if n == 0 {
		return
	}
	changes := t.memory.changes.take(len(t.runes) + 2*n)
	for _, r := range t.runes {
		if isChinese(r) {
			changes = append(changes, change{' ', 0}, change{r, 1}, change{' ', 1})
		} else {
			changes = append(changes, change{r, 0})
		}
	}
	t.transform(changes, 0)
}
