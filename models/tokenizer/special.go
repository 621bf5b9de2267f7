package tokenizer

// role is a part that a token can play: its name in tokenizer_config.json, where its id is kept, and the names
// that such a token usually has.
type role struct {
	key   string
	id    func(*SpecialTokens) *int32
	usual []string
}

func roles() []role {
	return []role{
		{"pad_token", func(s *SpecialTokens) *int32 { return &s.Pad }, []string{"[PAD]", "<pad>"}},
		{"unk_token", func(s *SpecialTokens) *int32 { return &s.Unk }, []string{"[UNK]", "<unk>"}},
		{"cls_token", func(s *SpecialTokens) *int32 { return &s.CLS }, []string{"[CLS]"}},
		{"sep_token", func(s *SpecialTokens) *int32 { return &s.Sep }, []string{"[SEP]"}},
		{"mask_token", func(s *SpecialTokens) *int32 { return &s.Mask }, []string{"[MASK]", "<mask>"}},
		{"bos_token", func(s *SpecialTokens) *int32 { return &s.BOS }, []string{"<s>"}},
		{"eos_token", func(s *SpecialTokens) *int32 { return &s.EOS }, []string{"</s>"}},
	}
}

// guessSpecial finds the parts of the special tokens by their usual names, for tokenizer.json does not tell;
// the model knows its unknown token and the padding its own.
func (e *engine) guessSpecial() {
	for _, r := range roles() {
		id := r.id(&e.special)
		*id = -1
		for _, name := range r.usual {
			if found, ok := e.TokenToID(name); ok && e.added.isSpecial(name) {
				*id = found
			}
		}
	}
	if unk := e.model.unknown(); unk >= 0 {
		e.special.Unk = unk
	}
	if id, ok := e.TokenToID(e.padding.Token); ok && id == e.padding.ID {
		e.special.Pad = id
	}
}
