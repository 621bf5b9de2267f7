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
	require.GreaterOrEqual(t, ran["LORA"], 12, "the set holds LoRA's cases, so a run over it must have met them")
}
