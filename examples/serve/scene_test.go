package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/pefttest/program"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

const serve = program.Name("serve")

func TestMain(m *testing.M) { serve.Main(m, main) }

// tiny is the config of a BERT whose head has three classes.
const tiny = `{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "pad_token_id": 0, "hidden_size": 16,
	"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 700, "max_position_embeddings": 64,
	"id2label": {"0": "red", "1": "green", "2": "blue"}}`

// texts differ in length, and are not in its order.
var texts = []string{
	"the number is given", "return", "an object must be converted to a string by default, and errors are given as literals of the type in use",
	"is it?", "the string of bytes is an argument of the function and must not be zero", "a", "convert the float to an integer",
}

// scene is a backbone and a folder of adapters: "lora", "headed" with classes of its own, and "prompt", which does not mix.
type scene struct {
	*testing.T
	backbone, adapters string
}

func newScene(t *testing.T) *scene {
	golden.OnGo(t)
	s := &scene{t, filepath.Join(t.TempDir(), "backbone"), filepath.Join(t.TempDir(), "adapters")}
	b, err := models.Random([]byte(tiny), models.Seed(3))
	require.NoError(t, err)
	require.NoError(t, b.Save(s.backbone))
	raw, err := os.ReadFile("../../models/tokenizer/testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.backbone, "tokenizer.json"), raw, 0o644))
	s.put("lora", "lora", &lora.Config{R: 4, Alpha: 32, Targets: peft.Match("query", "value")})
	s.put("headed", "headed", headed(4, "warm", "mild", "cold"))
	s.put("prompt", "prompt", &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}})
	return s
}

// headed is a LoRA with a head of its own.
func headed(r int, classes ...string) *lora.Config {
	return &lora.Config{Common: peft.Common{TaskType: "SEQ_CLS", Labels: classes}, R: r, Alpha: 8, Targets: peft.Match("query", "value")}
}

// put writes an adapter into the folder of a name, with values that depend on the purpose.
func (s *scene) put(name, purpose string, cfg peft.Config) {
	s.Helper()
	a, err := peft.Attach(s.open(), name, cfg)
	require.NoError(s, err)
	ad, err := a.Adapter(name)
	require.NoError(s, err)
	values := peft.Tensors{}
	for k, p := range ad.Params() {
		flat := make([]float32, p.Size())
		for i := range flat {
			flat[i] = float32(math.Sin(float64(i*(k+3)) + float64(len(purpose)) + float64(purpose[0])))
		}
		if len(p.Const) == 0 {
			values[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
		}
	}
	require.NoError(s, ad.Set(values))
	require.NoError(s, a.Save(filepath.Join(s.adapters, name)))
}

// open opens the backbone anew, with a head whatever its files have.
func (s *scene) open() *peft.Backbone {
	s.Helper()
	b, err := models.Load(s.backbone, models.Task("sequence-classification"))
	require.NoError(s, err)
	return b
}

// alone classifies texts one by one, by an adapter that is the only one on its backbone; "" is none.
func (s *scene) alone(name string, texts ...string) []prediction {
	s.Helper()
	a, sel := peft.New(s.open()), peft.Base()
	if name != "" {
		var err error
		sel, err = a.LoadAll([]string{filepath.Join(s.adapters, name)})
		require.NoError(s, err)
	}
	p, err := predict.New(a, predict.Options{})
	require.NoError(s, err)
	var out []prediction
	for _, text := range texts {
		got, err := p.Classes(s.Context(), sel, predict.Texts{text})
		require.NoError(s, err)
		out = append(out, shown(got)...)
	}
	return out
}

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
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	require.NoError(t, d.Decode(&out), raw)
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
