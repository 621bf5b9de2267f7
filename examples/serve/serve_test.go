package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
)

// Whatever shares a batch, each request gets what its adapter alone makes of its texts.
func TestConcurrentRequests(t *testing.T) {
	s := newScene(t)
	r := s.start()
	names := []string{"lora", "headed", "prompt", ""}
	want := map[string][]prediction{}
	for _, name := range names {
		want[name] = s.alone(name, texts...)
	}
	require.False(t, equal(want[""], want["lora"]), "an adapter that does nothing proves nothing")
	require.Contains(t, want["headed"][0].Scores, "mild")
	const rounds = 12
	var all sync.WaitGroup
	for i := range rounds * len(names) {
		all.Go(func() {
			name, n := names[i%len(names)], 1+i%len(texts)
			got := r.predictions(name, texts[:n]...)
			assert.True(t, equal(want[name][:n], got), "%s: want %v, got %v", name, want[name][:n], got)
		})
	}
	all.Wait()
	require.Equal(t, fmt.Sprint(rounds), r.metric(`gopeft_requests_total{code="200",adapter="headed"}`))
	require.Equal(t, fmt.Sprint(rounds*len(names)), r.metric("gopeft_request_duration_seconds_count"))
}

// A request larger than a batch is cut by the library.
func TestManyTexts(t *testing.T) {
	s := newScene(t)
	r := s.start()
	want := s.alone("headed", texts...)
	var many []string
	for range 12 {
		many = append(many, texts...)
	}
	got := r.predictions("headed", many...)
	require.Len(t, got, len(many))
	for i := range got {
		require.True(t, equal(want[i%len(texts):][:1], got[i:i+1]))
	}
}

func TestBadRequests(t *testing.T) {
	r := newScene(t).start()
	for name, c := range map[string]struct {
		method, path, body string
		code               int
		says               string
	}{
		"no JSON":            {"POST", "/v1/predict", `texts`, 400, "JSON object"},
		"half an object":     {"POST", "/v1/predict", `{"texts": ["a"]`, 400, "unexpected end"},
		"two objects":        {"POST", "/v1/predict", `{"texts": ["a"]} {}`, 400, "after top-level value"},
		"a list":             {"POST", "/v1/predict", `["a"]`, 400, "JSON object"},
		"null":               {"POST", "/v1/predict", `null`, 400, "JSON object"},
		"no body":            {"POST", "/v1/predict", ``, 400, "JSON object"},
		"an unknown key":     {"POST", "/v1/predict", `{"adaptor": "lora", "texts": ["a"]}`, 400, `unknown key "adaptor": there are adapter and texts`},
		"a key's case":       {"POST", "/v1/predict", `{"Texts": ["a"]}`, 400, `unknown key "Texts"`},
		"an unknown adapter": {"POST", "/v1/predict", `{"adapter": "lara", "texts": ["a"]}`, 404, `there is no "lara": there are headed, lora, prompt`},
		"no texts":           {"POST", "/v1/predict", `{"adapter": "lora", "texts": []}`, 400, `"texts" are missing`},
		"texts left out":     {"POST", "/v1/predict", `{"adapter": "lora"}`, 400, `"texts" are missing`},
		"a text":             {"POST", "/v1/predict", `{"texts": "a"}`, 400, `"texts" has the wrong type`},
		"a number":           {"POST", "/v1/predict", `{"adapter": 3, "texts": ["a"]}`, 400, `"adapter" has the wrong type`},
		"an empty text":      {"POST", "/v1/predict", `{"texts": ["a", " "]}`, 400, "texts[1] is empty"},
		"too many texts":     {"POST", "/v1/predict", `{"texts": ["a"` + strings.Repeat(`,"a"`, 1024) + `]}`, 400, "1025"},
		"too large":          {"POST", "/v1/predict", `{"texts": ["` + strings.Repeat("a", 1<<20) + `"]}`, 413, "too large"},
		"another method":     {"GET", "/v1/predict", ``, 405, "/v1/predict takes POST, not GET"},
		"deleting":           {"DELETE", "/v1/adapters/lora", ``, 405, "takes PUT"},
		"posting adapters":   {"POST", "/v1/adapters", ``, 405, "takes GET"},
		"another path":       {"GET", "/v2/predict", ``, 404, "there is no /v2/predict"},
	} {
		t.Run(name, func(t *testing.T) {
			here := &running{t, r.server, r.url, r.client}
			code, says := here.ask(c.method, c.path, c.body)
			require.Equal(t, c.code, code, says)
			require.Contains(t, says, c.says)
		})
	}
	require.Equal(t, "1", r.metric(`gopeft_requests_total{code="404",adapter=""}`), "names that clients make up are no labels")
	require.Equal(t, "1", r.metric(`gopeft_requests_total{code="413",adapter=""}`))
}

// A backbone without a classifier takes the adapters', and does not answer by itself.
func TestBareBackbone(t *testing.T) {
	s := newScene(t)
	b, err := models.Load(s.backbone, models.Head(""))
	require.NoError(t, err)
	s.backbone = filepath.Join(t.TempDir(), "bare")
	require.NoError(t, b.Save(s.backbone))
	r := s.start()
	code, says := r.ask(http.MethodPost, "/v1/predict", `{"texts": ["a"]}`)
	require.Equal(t, http.StatusBadRequest, code)
	require.Contains(t, says, `"adapter" must name one of headed, lora, prompt`)
	require.True(t, equal(s.alone("headed", texts...), r.predictions("headed", texts...)))
}

// A folder that is an adapter itself is the only one.
func TestOneAdapter(t *testing.T) {
	s := newScene(t)
	want := s.alone("lora", texts...)
	s.adapters = filepath.Join(s.adapters, "lora")
	r := s.start()
	require.True(t, equal(want, r.predictions("lora", texts...)))
	code, raw := r.ask(http.MethodPut, "/v1/adapters/lora", "")
	require.Equal(t, http.StatusOK, code, raw)
	code, _ = r.ask(http.MethodPut, "/v1/adapters/headed", "")
	require.Equal(t, http.StatusNotFound, code)
}
