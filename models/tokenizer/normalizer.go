package tokenizer

// normalizer changes text before it is split. It may work in place.
type normalizer interface{ normalize(*aligned) }

func normalizers() map[string]func(object) (normalizer, error) {
	return map[string]func(object) (normalizer, error){
		"BertNormalizer": parseBertNormalizer,
		"Lowercase":      func(object) (normalizer, error) { return normalizerFunc((*aligned).lowercase), nil },
		"NFC":            func(object) (normalizer, error) { return normalizerFunc((*aligned).compose), nil },
		"NFD":            func(object) (normalizer, error) { return normalizerFunc((*aligned).decomposeAll), nil },
		"NFKC":           func(object) (normalizer, error) { return normalizerFunc((*aligned).composeCompatible), nil },
		"NFKD":           func(object) (normalizer, error) { return normalizerFunc((*aligned).decomposeCompatible), nil },
		"ByteLevel":      func(object) (normalizer, error) { return normalizerFunc((*aligned).toBytes), nil },
		"Nmt":            func(object) (normalizer, error) { return normalizerFunc((*aligned).nmt), nil },
		"StripAccents":   func(object) (normalizer, error) { return normalizerFunc((*aligned).stripAccents), nil },
		"Strip":          parseStrip,
		"Precompiled":    parsePrecompiled,
		"Prepend":        parsePrepend,
		"Replace":        func(o object) (normalizer, error) { return parseReplace(o) },
		"Sequence": func(o object) (normalizer, error) {
			list, err := components(o, "normalizers", normalizers)
			return normalizerSequence(list), err
		},
	}
}

type normalizerFunc func(*aligned)

func (f normalizerFunc) normalize(t *aligned) { f(t) }

type normalizerSequence []normalizer

func (s normalizerSequence) normalize(t *aligned) {
	for _, n := range s {
		n.normalize(t)
	}
}

// lowercase maps each character to its lower case, without regard to its neighbours (no final sigma).
func (t *aligned) lowercase() {
	dotted := false
	for i, r := range t.runes {
		dotted = dotted || r == dottedI
		if r != dottedI {
			t.runes[i] = lower(r)
		}
	}
	if !dotted {
		return
	}
	changes := t.memory.changes.take(len(t.runes) + 1)
	for _, r := range t.runes {
		if r == dottedI {
			changes = append(changes, change{'i', 0}, change{combiningDot, 1})
		} else {
			changes = append(changes, change{r, 0})
		}
	}
	t.transform(changes, 0)
}
