package peft_test

import (
	stdruntime "runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// A closed backbone says so; what a merged one shares with it lives on.
func TestClose(t *testing.T) {
	b := classifier(t)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Init: lora.Random})
	require.NoError(t, err)
	merged, err := a.Merge(t.Context(), a.All())
	require.NoError(t, err)
	before, err := merged.Forward(t.Context(), tokens())
	require.NoError(t, err)

	b.Close()
	b.Close()
	_, err = a.Forward(t.Context(), a.All(), tokens())
	require.ErrorIs(t, err, peft.ErrClosed)
	require.ErrorIs(t, a.Attach("b", &lora.Config{}), peft.ErrClosed)
	require.ErrorIs(t, a.Save(t.TempDir()), peft.ErrClosed)
	require.ErrorIs(t, b.Save(t.TempDir()), peft.ErrClosed)
	_, err = a.Merge(t.Context(), a.All())
	require.ErrorIs(t, err, peft.ErrClosed)

	after, err := merged.Forward(t.Context(), tokens())
	require.NoError(t, err)
	require.True(t, before["logits"].Equal(after["logits"]))
	merged.Close()
	_, err = merged.Forward(t.Context(), tokens())
	require.ErrorIs(t, err, peft.ErrClosed)
	new(peft.Backbone).Close()
}

// Merged backbones that are dropped without Close are no leak: the one that they were made from does not hold them.
func TestMergedAreCollected(t *testing.T) {
	b := classifier(t)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Init: lora.Random})
	require.NoError(t, err)
	collected := make(chan bool, 1)
	func() {
		merged, err := a.Merge(t.Context(), a.All())
		require.NoError(t, err)
		stdruntime.AddCleanup(merged, func(c chan bool) { c <- true }, collected)
	}()
	require.Eventually(t, func() bool {
		stdruntime.GC()
		return len(collected) == 1
	}, 10*time.Second, 10*time.Millisecond)
}
