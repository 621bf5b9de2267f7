package oft_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/oft"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A block of n numbers has n(n-1)/2 values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"exact", `"target_modules": ["query", "value"], "oft_block_size": 4, "use_cayley_neumann": false`, 2 * 2 * 6, nil},
		{"shared, dropout", `"target_modules": ["query", "value"], "r": 4, "oft_block_size": 0, "block_share": true, "module_dropout": 0.5`, 2, nil},
		{"bounded, dropout, bias", `"target_modules": ["query"], "oft_block_size": 2, "coft": true, "eps": 0.1, "module_dropout": 0.5, "bias": "oft_only"`, 4 + 8, nil},
		{"embedding", `"target_modules": ["word_embeddings", "query"], "oft_block_size": 4, "num_cayley_neumann_terms": 3`, 2 * 2 * 6, nil},
		{"random", `"target_modules": ["query"], "oft_block_size": 8, "init_weights": false`, 28, nil},
		{"convolutions", `"target_modules": ["signal", "image"], "oft_block_size": 4`, 6*6 + 6*6, pefttest.Convolved},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := pefttest.Case{
				Name: "OFT, " + v.name, JSON: `{"peft_type": "OFT", ` + v.settings + `}`, Trainable: v.trainable, Backbone: v.backbone,
			}
			if v.backbone == nil {
				c.Bad = []pefttest.Bad{{Change: `{"oft_block_size": 3, "r": 0}`, Field: "oft_block_size"}, {Change: `{"oft_block_size": 4, "r": 2}`, Field: "oft_block_size"}}
			}
			pefttest.Conform(t, c)
		})
	}
}
