package predict_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// statesOf are the states of a text's tokens, without the columns of a prompt.
func statesOf(t *testing.T, a *peft.Adapted, sel peft.Selection, text string, virtual int) [][]float32 {
	t.Helper()
	flat, width := alone(t, a, sel, "last_hidden_state", text), a.Backbone().Info().Hidden
	n := encoded(t, a, text).Len()
	require.Len(t, flat, (virtual+n)*width, "prompt columns, then tokens")
	var out [][]float32
	for i := range n {
		out = append(out, flat[(virtual+i)*width:(virtual+i+1)*width])
	}
	return out
}

// mean of states, of length 1 if asked.
func mean(states [][]float32, unit bool) []float64 {
	out := make([]float64, len(states[0]))
	for _, s := range states {
		for j, x := range s {
			out[j] += float64(x) / float64(len(states))
		}
	}
	length := 1.0
	if unit {
		length = 0
		for _, x := range out {
			length += x * x
		}
		length = math.Sqrt(length)
	}
	for j := range out {
		out[j] /= length
	}
	return out
}

func near(t *testing.T, want []float64, got []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	for j, w := range want {
		require.InDelta(t, w, got[j], 1e-5)
	}
}

func float64s(x []float32) (out []float64) {
	for _, v := range x {
		out = append(out, float64(v))
	}
	return out
}

// Without a modules.json embeddings are means, not normalised; options say otherwise. Prompts' columns are left out.
func TestEmbeddings(t *testing.T) {
	for name, c := range map[string]struct {
		config, tok string
		cfg         peft.Config
		virtual     int
	}{
		"bert":   {config: bert("BertModel", ""), tok: "wordpiece"},
		"prompt": {bert("BertModel", ""), "wordpiece", &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}, 3},
		"prefix": {bert("BertModel", ""), "wordpiece", &prefix.Config{Virtual: prompt.Virtual{Tokens: 3}}, 0},
		"llama":  {config: `{"model_type": "llama", "architectures": ["LlamaModel"], ` + sizes + `}`, tok: "llama2"},
		"t5": {config: `{"model_type": "t5", "architectures": ["T5EncoderModel"], "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_heads": 2, "vocab_size": 700}`,
			tok: "unigram"},
	} {
		if golden.Compiles && name != "bert" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			a, sel := open(t, c.config, c.tok, map[string]string{"tokenizer_config.json": padding[c.tok]}), peft.Base()
			if c.cfg != nil {
				require.NoError(t, a.Attach("it", c.cfg))
				sel = peft.Use("it")
			}
			for _, o := range []predict.Options{
				{BatchSize: 3}, {Normalize: new(true)}, {Pooling: predict.CLSPooling}, {Pooling: predict.LastPooling},
				{Pooling: predict.MeanPooling, Normalize: new(true)},
			} {
				p, err := predict.New(a, o)
				require.NoError(t, err)
				got, err := p.Embeddings(t.Context(), sel, texts)
				require.NoError(t, err)
				for i, text := range texts {
					states := statesOf(t, a, sel, text, c.virtual)
					switch o.Pooling {
					case predict.CLSPooling:
						states = states[:1]
					case predict.LastPooling:
						states = states[len(states)-1:]
					}
					unit := o.Normalize != nil && *o.Normalize
					near(t, mean(states, unit), got[i])
				}
			}
		})
	}
}

// padding names the token that pads, or ends, for each tokenizer.
var padding = map[string]string{"wordpiece": `{}`, "llama2": `{"eos_token": "</s>"}`, "unigram": `{"pad_token": "<pad>"}`}

var (
	pool = [2]string{"1_Pooling", "Pooling"}
	unit = [2]string{"2_Normalize", "Normalize"}
)

// A backbone that gives embeddings of texts itself is taken at its word.
func TestTextEmbeddings(t *testing.T) {
	golden.OnGo(t)
	a := open(t, `{"model_type": "clip_text_model", "architectures": ["CLIPTextModelWithProjection"], "projection_dim": 6, "eos_token_id": 3, "bos_token_id": 2,
		"pad_token_id": 0, `+sizes+`}`, "wordpiece", nil)
	for _, unit := range []bool{false, true} {
		p, err := predict.New(a, predict.Options{BatchSize: 3, Normalize: new(unit)})
		require.NoError(t, err)
		got, err := p.Embeddings(t.Context(), peft.Base(), texts)
		require.NoError(t, err)
		for i, text := range texts {
			near(t, mean([][]float32{alone(t, a, peft.Base(), "text_embeds", text)}, unit), got[i])
		}
	}
}
