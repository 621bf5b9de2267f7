package peft_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// While calls run, an adapter gives way to another one, config and all, and no call finds none.
func TestReplace(t *testing.T) {
	b := classifier(t)
	small := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 4, Init: lora.Random})
	large := savedAdapter(t, b, &lora.Config{R: 4, Alpha: 64, Init: lora.Random, Targets: peft.Match("query", "dense")})
	logits := func(a *peft.Adapted, name string) *peft.Tensor {
		out, err := a.Forward(context.Background(), peft.Use(name), tokens())
		require.NoError(t, err)
		return out["logits"]
	}
	want := map[string]*peft.Tensor{}
	for _, dir := range []string{small, large} {
		a, err := peft.Load(b, dir)
		require.NoError(t, err)
		want[dir] = logits(a, "a")
	}
	require.False(t, want[small].Equal(want[large]))

	a := peft.New(b)
	_, err := a.LoadAs("live", small)
	require.NoError(t, err)
	done := make(chan error)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := a.Forward(context.Background(), peft.Use("live"), tokens()); err != nil {
				done <- err
				return
			}
		}
	}()
	for i := range 20 {
		dir := []string{large, small}[i%2]
		ad, err := a.Replace("live", dir)
		require.NoError(t, err)
		require.Equal(t, "live", ad.Name())
		require.True(t, want[dir].Equal(logits(a, "live")), "config and values are the folder's")
	}
	close(stop)
	require.NoError(t, <-done)

	_, err = a.Replace("live", t.TempDir())
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.True(t, want[small].Equal(logits(a, "live")), "the old one stays")
	_, err = a.Replace("dead", small)
	require.ErrorIs(t, err, peft.ErrAdapter)
}
