package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	_ "github.com/gopeft/gopeft/peft/all"
)

// TestGolden holds every method of the library and every backbone to the reference implementations.
func TestGolden(t *testing.T) {
	ran := golden.Walk(t, golden.OpenEngine(t), golden.OpenFixtures(t))
	want := map[string]int{"LORA": 12, "PREFIX_TUNING": 4, "PROMPT_TUNING": 4}
	if golden.Compiles && testing.Short() {
		want = map[string]int{"LORA": golden.Processes}
	}
	t.Run("met", func(t *testing.T) {
		t.Run("cases", func(t *testing.T) { // a level deeper, so that a -run that picks cases leaves it out
			for name, least := range want {
				require.GreaterOrEqual(t, ran[name], least, "the set holds cases of %s, so a run over it must have met them", name)
			}
		})
	})
}

// TestVariants holds the types and options that the fixtures lack to HF PEFT.
func TestVariants(t *testing.T) {
	golden.WalkVariants(t, golden.OpenEngine(t), pending)
}
