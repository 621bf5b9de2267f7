package hooks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	_ "github.com/gopeft/gopeft/internal/pefttest/hooks"
)

// TestGolden holds the hooks to HF PEFT. This binary registers nothing else, so the runner passes LoRA's cases over.
func TestGolden(t *testing.T) {
	ran := golden.Walk(t, golden.OpenEngine(t), golden.OpenFixtures(t))
	for _, name := range []string{"IA3", "PREFIX_TUNING", "PROMPT_TUNING"} {
		require.NotZero(t, ran[name], name)
	}
	require.Zero(t, ran["LORA"])
}
