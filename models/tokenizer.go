package models

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Tokenizer opens the tokenizer in a backbone's folder, with the special tokens and the maximum length of its
// tokenizer_config.json. A backbone that came from no folder has none: the error matches ErrFolder.
func Tokenizer(b *peft.Backbone) (tokenizer.Tokenizer, error) {
	dir, err := folderOf(b, "tokenizer")
	if err != nil {
		return nil, err
	}
	return tokenizer.Load(dir)
}

// folderOf is the folder that a backbone came from, where it has something else.
func folderOf(b *peft.Backbone, what string) (string, error) {
	if b == nil {
		return "", fmt.Errorf("%w: the backbone whose %s is asked for is nil", ErrFolder, what)
	}
	if dir := b.Origin().Dir; dir != "" {
		return dir, nil
	}
	return "", fmt.Errorf("%w: the backbone came from no folder, so it has no %s", ErrFolder, what)
}
