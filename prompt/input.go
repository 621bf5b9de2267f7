package prompt

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Input gives the site where a text's embeddings go into a stack, among those of a backbone: that of the role "input", or
// of "decoder-input" for the second stack of an encoder-decoder. A backbone without is an error that names the method's
// type.
func Input(role, peftType string, info seam.Info, sites []seam.Site) (seam.Site, error) {
	i := slices.IndexFunc(sites, func(s seam.Site) bool { return s.Kind == seam.Input && s.Role == role })
	if i < 0 {
		return seam.Site{}, &seam.UnsupportedError{Type: peftType, Option: "model_type", Value: info.ModelType + ": virtual tokens before what is no text"}
	}
	return sites[i], nil
}

// Generates reports whether a backbone is an encoder-decoder that writes text, which HF PEFT counts as two submodules.
func Generates(info seam.Info) bool { return info.TaskType() == "SEQ_2_SEQ_LM" }
