package pefttest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/gopeft/gopeft/ia3"
	_ "github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/peft/pefttest"
	_ "github.com/gopeft/gopeft/prompt/prefix"
	_ "github.com/gopeft/gopeft/prompt/tuning"
)

// Methods of other kinds than LoRA: norms trained in place, a scaled linear map, a module in the way of the residual, keys and values, and
// the input. All but the first two can't be merged, and the last two not be mixed by rows. One that starts away from zero
// doesn't declare it, which is the only law that it breaks.
func TestEveryKind(t *testing.T) {
	for _, v := range []struct {
		name, json string
		broken     []string
	}{
		{"norms", `{"peft_type": "TOY norms"}`, nil},
		{"IA3", `{"peft_type": "IA3", "target_modules": ["value", "output.dense"], "feedforward_modules": ["output.dense"]}`, nil},
		{"BOTTLENECK", `{"peft_type": "BOTTLENECK", "reduction_factor": 4}`, []string{"init/identity"}},
		{"PREFIX_TUNING", `{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3}`, nil},
		{"PROMPT_TUNING", `{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3}`, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			err := pefttest.Check(pefttest.Case{Name: v.name, JSON: v.json})
			require.Equal(t, v.broken, broken(err), "%v", err)
		})
	}
}
