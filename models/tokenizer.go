package models

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Tokenizer opens the tokenizer in a backbone's folder, with the special tokens and the maximum length of its
// tokenizer_config.json. A backbone that came from no folder has none: the error matches ErrFolder.
func Tokenizer(b *peft.Backbone) (tokenizer.Tokenizer, error) {
	dir := b.Origin().Dir
	if dir == "" {
		return nil, fmt.Errorf("%w: the backbone came from no folder, so it has no tokenizer", ErrFolder)
	}
	return tokenizer.Load(dir)
}
