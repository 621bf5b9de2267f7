package generate

import "github.com/gopeft/gopeft/peft"

// settings are Options with the folder's values and, for one batch, what follows from its length.
type settings struct {
	Options
	maxLength int // of a row, prompt included
}

// resolve fills Options in for a backbone and checks them. Ids of tokens are held to the largest vocabulary that it or an
// adapter has, and to that of the adapters which write once they are known.
func resolve(a *peft.Adapted, o Options) (settings, error) {
	f, raw, err := readFolder(a.Backbone().Origin())
	if err != nil {
		return settings{}, err
	}
	vocab := a.Backbone().Info().Vocab
	for _, name := range a.Names() {
		if ad, err := a.Adapter(name); err == nil { // else it was deleted meanwhile
			vocab = max(vocab, ad.Info().Vocab)
		}
	}
	f.within(a.Backbone().Info().Vocab)
	if o, err = o.from(f, raw); err != nil {
		return settings{}, err
	}
	return settings{Options: o.clone()}, o.check(vocab)
}

// pad gives the token that fills rows up, nil where there is none.
func (s *settings) pad() *int32 {
	if s.Pad == nil && len(s.EOS) > 0 {
		return &s.EOS[0]
	}
	return s.Pad
}

// fits bounds the rows behind prompts of some tokens (a target's start token, in an encoder-decoder), for a backbone that
// has room for so many.
func (s *settings) fits(prompt, room int) error {
	switch {
	case s.MaxNewTokens > 0:
		s.maxLength = prompt + s.MaxNewTokens
	case s.MaxLength > 0:
		s.maxLength = s.MaxLength
	default:
		s.maxLength = prompt + defaultNewTokens
	}
	if s.maxLength <= prompt {
		return optionf("max_length", "%d leaves no room behind a prompt of %d tokens", s.maxLength, prompt)
	}
	if s.maxLength-1 > room { // the last token is written, but not read
		return optionf("max_new_tokens", "%d behind a prompt of %d are more than the %d positions that the backbone has for them",
			s.maxLength-prompt, prompt, room)
	}
	return nil
}
