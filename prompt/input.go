package prompt

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Input finds where a text's embeddings enter a model, among its sites: the role is "input", or "decoder-input" for
// the decoder of an encoder-decoder. A model that takes no text is an UnsupportedError for the method of that
// peftType.
func Input(role, peftType string, info seam.Info, sites []seam.Site) (seam.Site, error) {
	i := slices.IndexFunc(sites, func(s seam.Site) bool { return s.Kind == seam.Input && s.Role == role })
	if i < 0 {
		return seam.Site{}, &seam.UnsupportedError{Type: peftType, Option: "model_type", Value: info.ModelType + ": virtual tokens before what is no text"}
	}
	return sites[i], nil
}

// Generates reports whether a model is an encoder-decoder that writes text, for which HF PEFT counts two submodules.
func Generates(info seam.Info) bool { return info.TaskType() == "SEQ_2_SEQ_LM" }
