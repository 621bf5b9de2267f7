package prompt

import (
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// Input gives the site where a text's embeddings go into a stack, among those of a backbone: that of the role "input", or
// of "decoder-input" for the second stack of an encoder-decoder. A backbone without is an error that names the method's
// type.
func Input(role, peftType string, info peft.Info, sites []peft.Site) (peft.Site, error) {
	i := slices.IndexFunc(sites, func(s peft.Site) bool { return s.Kind == peft.Input && s.Role == role })
	if i < 0 {
		return peft.Site{}, &peft.UnsupportedError{Type: peftType, Option: "model_type", Value: info.ModelType + ": virtual tokens before what is no text"}
	}
	return sites[i], nil
}

// Generates reports whether a backbone is an encoder-decoder that writes text, which HF PEFT counts as two submodules.
func Generates(info peft.Info) bool { return peft.TaskTypeOf(info.Task) == "SEQ_2_SEQ_LM" }
