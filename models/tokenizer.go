package models

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Tokenizer opens the tokenizer that lies in a backbone's folder: what turns texts into the token ids that the backbone was
// trained with. Its special tokens and maximum length are those of tokenizer_config.json. A backbone of Random came from no
// folder and has none: ErrFolder. Other errors are those of tokenizer.Load.
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
