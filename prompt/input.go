package prompt

import (
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// Input gives the site where a text's embeddings go in, among those of a backbone. One without text is an error that
// names the method's type.
func Input(peftType string, info peft.Info, sites []peft.Site) (peft.Site, error) {
	i := slices.IndexFunc(sites, func(s peft.Site) bool { return s.Kind == peft.Input && s.Role == "input" })
	if i < 0 {
		return peft.Site{}, &peft.UnsupportedError{Type: peftType, Option: "model_type", Value: info.ModelType + ": virtual tokens before what is no text"}
	}
	return sites[i], nil
}
