package all_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/gopeft/gopeft/peft/all"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// needed are the settings without which a method can't be tried on sites 8 wide, or at all: virtual tokens have no default
// for how many.
var needed = map[string]string{
	"ADALORA":          `, "total_step": 40`,
	"C3A":              `, "block_size": 4`,
	"FOURIERFT":        `, "n_frequency": 8`,
	"SHIRA":            `, "r": 2`,
	"SUPERTUNING":      `, "sparsity": 0.8`,
	"WAVEFT":           `, "n_frequency": 8`,
	"MISS":             `, "r": 4`,
	"PSOFT":            `, "r": 4`,
	"OFT":              `, "oft_block_size": 4`,
	"ROAD":             `, "group_size": 4`, // the tiny network is narrower than the default
	"SHADOW":           `, "target_modules": ["bert.encoder.layer.0"]`,
	"PREFIX_TUNING":    `, "num_virtual_tokens": 2`,
	"PROMPT_TUNING":    `, "num_virtual_tokens": 2`,
	"TRAINABLE_TOKENS": `, "token_indices": [7, 2], "target_modules": ["word_embeddings"]`,
	"VBLORA":           `, "vector_length": 4, "num_vectors": 5, "init_logits_std": 1`,
}

// A line in all.go puts a method under every law: at its defaults, on query and value where it has target_modules.
func TestConformance(t *testing.T) {
	for name, cfg := range seam.Types() {
		t.Run(name, func(t *testing.T) {
			raw, err := seam.MarshalConfig(cfg)
			require.NoError(t, err)
			var keys map[string]any
			require.NoError(t, json.Unmarshal(raw, &keys))
			settings := needed[name]
			if _, ok := keys["target_modules"]; ok && !strings.Contains(settings, "target_modules") {
				settings += `, "target_modules": ["query", "value"]`
			}
			pefttest.Conform(t, pefttest.Case{JSON: fmt.Sprintf(`{"peft_type": %q%s}`, name, settings)})
		})
	}
}
