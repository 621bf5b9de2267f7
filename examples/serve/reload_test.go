package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requests that run while an adapter is replaced get the answer of the old one or of the new one, whole: never the classes
// of one with the values of the other, and no failure.
func TestReplaceWhileRequestsRun(t *testing.T) {
	s := newScene(t)
	puts := []func(){
		func() { s.put("headed", "headed", headed(4, "warm", "mild", "cold")) },
		func() { s.put("headed", "later", headed(2, "hot", "tepid", "icy")) }, // another rank too
	}
	var versions [2][]prediction
	for i, put := range puts {
		put()
		versions[i] = s.alone("headed", texts[:2]...)
	}
	require.False(t, equal(versions[0], versions[1]))
	r := s.start() // with the second one

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	var seen [2]atomic.Int64
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				got := r.predictions("headed", texts[:2]...)
				i := slices.IndexFunc(versions[:], func(want []prediction) bool { return equal(want, got) })
				if !assert.GreaterOrEqual(t, i, 0, "neither the old nor the new: %v", got) {
					return
				}
				seen[i].Add(1)
			}
		})
	}
	for i := range 6 {
		version := i % 2
		puts[version]()
		code, raw := r.ask(http.MethodPut, "/v1/adapters/headed", "")
		require.Equal(t, http.StatusOK, code, raw)
		require.True(t, equal(versions[version], r.predictions("headed", texts[:2]...)), "the new one answers at once")
	}
	stop()
	all.Wait()
	require.Positive(t, seen[0].Load())
	require.Positive(t, seen[1].Load())
	require.Equal(t, "6", r.metric(`gopeft_reloads_total{result="ok"}`))
}

// What is broken is refused, and the old adapter stays; a folder that is new is a new adapter.
func TestReload(t *testing.T) {
	s := newScene(t)
	r := s.start()
	want := s.alone("headed", texts[0])
	weights := filepath.Join(s.adapters, "headed", "adapter_model.safetensors")
	whole, err := os.ReadFile(weights)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(weights, whole[:len(whole)/2], 0o644))
	code, says := r.ask(http.MethodPut, "/v1/adapters/headed", "")
	require.Equal(t, http.StatusUnprocessableEntity, code)
	require.Contains(t, says, "adapter_model.safetensors")
	require.True(t, equal(want, r.predictions("headed", texts[0])))
	require.Equal(t, "1", r.metric(`gopeft_reloads_total{result="refused"}`))

	code, says = r.ask(http.MethodPost, "/v1/predict", `{"adapter": "new", "texts": ["a"]}`)
	require.Equal(t, http.StatusNotFound, code)
	require.Contains(t, says, `there is no "new": there are headed, lora, prompt`)
	code, says = r.ask(http.MethodPut, "/v1/adapters/new", "")
	require.Equal(t, http.StatusNotFound, code)
	require.Contains(t, says, `"new"`)
	s.put("new", "new", headed(2, "yes", "no", "perhaps"))
	code, raw := r.ask(http.MethodPut, "/v1/adapters/new", "")
	require.Equal(t, http.StatusOK, code)
	require.JSONEq(t, `{"name": "new", "classes": ["yes", "no", "perhaps"], "peft_type": "LORA"}`, raw)
	require.True(t, equal(s.alone("new", texts...), r.predictions("new", texts...)))
	require.True(t, equal(s.alone("lora", texts...), r.predictions("lora", texts...)))

	_, raw = r.ask(http.MethodGet, "/v1/adapters", "")
	require.JSONEq(t, `{"adapters": [
		{"name": "headed", "classes": ["warm", "mild", "cold"], "peft_type": "LORA"},
		{"name": "lora", "classes": ["red", "green", "blue"], "peft_type": "LORA"},
		{"name": "new", "classes": ["yes", "no", "perhaps"], "peft_type": "LORA"},
		{"name": "prompt", "classes": ["red", "green", "blue"], "peft_type": "PROMPT_TUNING"}]}`, raw)

	require.NoError(t, os.MkdirAll(filepath.Join(s.adapters, "empty"), 0o755))
	code, says = r.ask(http.MethodPut, "/v1/adapters/empty", "")
	require.Equal(t, http.StatusUnprocessableEntity, code)
	require.Contains(t, says, "adapter_config.json")
}

// No name leads out of the folder.
func TestReloadStaysInside(t *testing.T) {
	s := newScene(t)
	require.NoError(t, os.CopyFS(filepath.Join(s.adapters, "..", "outside"), os.DirFS(filepath.Join(s.adapters, "lora"))))
	r := s.start()
	for _, name := range []string{"..%2foutside", "%2e%2e", "lora%2f..%2fheaded", "a%00", "nothing", "lora%2fadapter_config.json"} {
		code, says := r.ask(http.MethodPut, "/v1/adapters/"+name, "")
		require.Equal(t, http.StatusNotFound, code, "%s: %s", name, says)
	}
	_, raw := r.ask(http.MethodGet, "/v1/adapters", "")
	require.NotContains(t, raw, "outside")
}
