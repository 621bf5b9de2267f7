package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// running is a server and how it is asked.
type running struct {
	*testing.T
	server *server
	url    string
	client *http.Client
}

// start runs a server in this process.
func (s *scene) start() *running {
	s.Helper()
	log := slog.New(slog.DiscardHandler)
	lib, err := open(s.Context(), settings{backbone: s.backbone, adapters: s.adapters}, log)
	require.NoError(s, err)
	s.Cleanup(lib.close)
	server := newServer(lib, log)
	s.Cleanup(func() { server.batcher.stop() }) // the one it has then
	h := httptest.NewServer(server.handler())
	s.Cleanup(h.Close)
	return &running{s.T, server, h.URL, h.Client()}
}

// ask sends a request and gives the code and the body of the answer.
func (r *running) ask(method, path, body string) (int, string) {
	r.Helper()
	q, err := http.NewRequestWithContext(r.Context(), method, r.url+path, strings.NewReader(body))
	require.NoError(r, err)
	a, err := r.client.Do(q)
	require.NoError(r, err)
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	require.NoError(r, err)
	if a.StatusCode >= 400 {
		require.Equal(r, "application/json", a.Header.Get("Content-Type"))
		var told map[string]string
		require.NoError(r, json.Unmarshal(raw, &told), "%s", raw)
		require.Len(r, told, 1)
		return a.StatusCode, told["error"]
	}
	return a.StatusCode, string(raw)
}

// predictions asks for the predictions of texts.
func (r *running) predictions(adapter string, texts ...string) []prediction {
	r.Helper()
	body, err := json.Marshal(map[string]any{"adapter": adapter, "texts": texts})
	require.NoError(r, err)
	code, raw := r.ask(http.MethodPost, "/v1/predict", string(body))
	require.Equal(r, http.StatusOK, code, raw)
	return read(r.T, raw)
}

// read reads an answer with predictions.
func read(t *testing.T, raw string) []prediction {
	t.Helper()
	var out struct{ Predictions []prediction }
	require.NoError(t, json.Unmarshal([]byte(raw), &out), raw)
	return out.Predictions
}

// equal reports whether predictions are the same up to float32 in sums of another order.
func equal(want, got []prediction) bool {
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if w.Label != got[i].Label || len(w.Scores) != len(got[i].Scores) {
			return false
		}
		for class, x := range w.Scores {
			y, ok := got[i].Scores[class]
			if !ok || math.Abs(x-y) > 2e-6 {
				return false
			}
		}
	}
	return true
}

// metric gives the value of a series from /metrics.
func (r *running) metric(series string) string {
	r.Helper()
	_, raw := r.ask(http.MethodGet, "/metrics", "")
	for line := range strings.Lines(raw) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), series+" "); ok {
			return value
		}
	}
	return ""
}
