package hooks_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	_ "github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/peft"
)

// TestGolden holds the hooks to HF PEFT on every case that asks for no more than they are. This binary registers
// nothing else.
func TestGolden(t *testing.T) {
	f, e := golden.OpenFixtures(t), golden.OpenEngine(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	ran := map[string]int{}
	for _, name := range bases {
		base, err := f.Base(e, name)
		require.NoError(t, err)
		cases, err := f.Cases(name)
		require.NoError(t, err)
		for _, c := range cases {
			run, err := f.Run(base, c)
			require.NoError(t, err)
			if _, err := run.Load(); errors.Is(err, peft.ErrUnsupported) {
				continue
			}
			ran[run.Case.Type]++
			t.Run(name+"/"+c, func(t *testing.T) { golden.Check(t, run) })
		}
	}
	require.NotZero(t, ran["IA3"])
	require.Zero(t, ran["LORA"], "the runner goes by what is registered")
}
