package generate

import (
	"github.com/gopeft/gopeft/peft"
)

// settings are Options with the folder's values and, for one batch, what follows from its length.
type settings struct {
	Options
	maxLength int // of a row, prompt included
}

// resolve fills Options in for a backbone and checks them.
func resolve(b *peft.Backbone, o Options) (settings, error) {
	f, raw, err := readFolder(b.Origin())
	if err != nil {
		return settings{}, err
	}
	vocab := b.Info().Vocab
	f.within(vocab)
	if o, err = o.from(f, raw); err != nil {
		return settings{}, err
	}
	return settings{Options: o}, o.check(vocab)
}

// pad gives the token that fills rows up, and whether there is one.
func (s *settings) pad() (int32, bool) {
	if id, ok := s.Pad.Get(); ok {
		return id, true
	}
	if len(s.EOS) > 0 {
		return s.EOS[0], true
	}
	return 0, false
}

// fits bounds the rows for a prompt of some columns, of which a backbone has no more than positions; virtual of those are
// taken by an adapter. target says that the prompt is what an encoder-decoder's target begins with.
func (s *settings) fits(prompt, virtual, positions int, target bool) error {
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
	room := positions - virtual
	// The last token is written, but not read.
	if last := s.maxLength - 1; last > room {
		if !target && prompt > room {
			return promptf("%d tokens are more than the %d positions of the backbone%s", prompt, room, besides(virtual))
		}
		return optionf("max_new_tokens", "%d behind a prompt of %d tokens are more than the %d positions of the backbone%s",
			s.maxLength-prompt, prompt, room, besides(virtual))
	}
	return nil
}

func besides(virtual int) string {
	if virtual == 0 {
		return ""
	}
	return " that its adapter leaves"
}
