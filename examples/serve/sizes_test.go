package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// An adapter with another number of classes than the backbone's has batches of its own beside the others.
func TestOwnNumberOfClasses(t *testing.T) {
	s := newScene(t)
	five := []string{"a", "b", "c", "d", "e"}
	b, err := models.Load(s.backbone, models.Classes(five...))
	require.NoError(t, err)
	a, err := peft.Attach(b, "wide", headed(4))
	require.NoError(t, err)
	require.NoError(t, a.Save(filepath.Join(s.adapters, "wide")))

	want := map[string][]prediction{"wide": s.alone("wide", texts...), "headed": s.alone("headed", texts...)}
	require.Len(t, want["wide"][0].Scores, len(five))
	require.Contains(t, want["wide"][0].Scores, "e")
	r := s.start()
	done := make(chan []prediction)
	go func() { done <- r.predictions("headed", texts...) }()
	require.True(t, equal(want["wide"], r.predictions("wide", texts...)))
	require.True(t, equal(want["headed"], <-done))
}
