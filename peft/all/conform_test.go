package all_test

import (
	"testing"

	"github.com/gopeft/gopeft/internal/pefttest"
	_ "github.com/gopeft/gopeft/peft/all"
)

// A line in all.go puts a method under every law. Those of virtual tokens have no default for how many.
func TestConformance(t *testing.T) {
	pefttest.ConformAll(t,
		pefttest.Case{Name: "PREFIX_TUNING", JSON: `{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 2}`},
		pefttest.Case{Name: "PROMPT_TUNING", JSON: `{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 2}`},
	)
}
