package main

import (
	"math"
	"os"
	"path/filepath"
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
	b, err := models.Random([]byte(tiny), models.HeadSeed(3))
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
	return &lora.Config{Common: peft.Common{TaskType: "SEQ_CLS", Classes: classes}, R: r, Alpha: 8, Targets: peft.Match("query", "value")}
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
	require.NoError(s, ad.Set(ad.Config(), values))
	require.NoError(s, a.Save(filepath.Join(s.adapters, name)))
}

// open opens the backbone anew, with a head whatever its files have.
func (s *scene) open() *peft.Backbone {
	s.Helper()
	b, err := models.Load(s.backbone, models.Head("sequence-classification"))
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
