package predict_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

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
		t.Run(name, func(t *testing.T) {
			a, sel := open(t, c.config, c.tok, map[string]string{"tokenizer_config.json": padding[c.tok]}), peft.Base()
			if c.cfg != nil {
				require.NoError(t, a.Attach("it", c.cfg))
				sel = peft.Use("it")
			}
			for _, o := range []predict.Options{
				{BatchSize: 3}, {Normalize: peft.Some(true)}, {Pooling: predict.CLSPooling}, {Pooling: predict.LastPooling},
				{Pooling: predict.MeanPooling, Normalize: peft.Some(true)},
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
					unit, _ := o.Normalize.Get()
					near(t, mean(states, unit), got[i])
				}
			}
		})
	}
}

// padding names the token that pads, or ends, for each tokenizer.
var padding = map[string]string{"wordpiece": `{}`, "llama2": `{"eos_token": "</s>"}`, "unigram": `{"pad_token": "<pad>"}`}

// modules is a modules.json of these further modules, by path and class.
func modules(more ...[2]string) string {
	out := `[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}`
	for _, m := range more {
		out += `, {"path": "` + m[0] + `", "type": "sentence_transformers.models.` + m[1] + `"}`
	}
	return out + "]"
}

var (
	pool = [2]string{"1_Pooling", "Pooling"}
	unit = [2]string{"2_Normalize", "Normalize"}
)

// A sentence-transformers folder says how: pooling in its older keys or by name, joined where there are several, the longest
// text, and a prompt.
func TestSentenceFolder(t *testing.T) {
	vec := func(t *testing.T, o predict.Options, text string, files map[string]string) (*peft.Adapted, []float32) {
		a := open(t, bert("BertModel", ""), "wordpiece", files)
		p, err := predict.New(a, o)
		require.NoError(t, err)
		got, err := p.Embeddings(t.Context(), peft.Base(), []string{text})
		require.NoError(t, err)
		return a, got[0]
	}
	text := "the number is given"
	cls := `{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}`
	a, got := vec(t, predict.Options{}, text, map[string]string{"modules.json": modules(pool, unit), "1_Pooling/config.json": cls})
	near(t, mean(statesOf(t, a, peft.Base(), text, 0)[:1], true), got)
	a, got = vec(t, predict.Options{Normalize: peft.Some(false)}, text, map[string]string{"modules.json": modules(pool, unit), "1_Pooling/config.json": cls})
	near(t, mean(statesOf(t, a, peft.Base(), text, 0)[:1], false), got)
	a, got = vec(t, predict.Options{Pooling: predict.MeanPooling}, text, map[string]string{"modules.json": modules(pool, unit), "1_Pooling/config.json": cls})
	near(t, mean(statesOf(t, a, peft.Base(), text, 0), false), got)
	for _, mode := range []string{`"lasttoken"`, `["lasttoken"]`} {
		a, got = vec(t, predict.Options{}, text, map[string]string{
			"modules.json": modules(pool), "1_Pooling/config.json": `{"pooling_mode": ` + mode + `, "include_prompt": true}`,
		})
		near(t, mean(statesOf(t, a, peft.Base(), text, 0)[5:], false), got)
	}
	a, got = vec(t, predict.Options{}, text, map[string]string{
		"modules.json": modules(pool), "1_Pooling/config.json": `{"pooling_mode_cls_token": true, "pooling_mode_lasttoken": true}`,
	})
	states := statesOf(t, a, peft.Base(), text, 0)
	near(t, append(float64s(states[0]), float64s(states[5])...), got)

	mean4 := map[string]string{
		"modules.json": modules(pool), "1_Pooling/config.json": `{"pooling_mode_mean_tokens": true}`,
		"sentence_bert_config.json":         `{"max_seq_length": 4, "do_lower_case": true}`,
		"config_sentence_transformers.json": `{"prompts": {"query": "is "}, "default_prompt_name": "query"}`,
	}
	a, got = vec(t, predict.Options{}, text, mean4)
	near(t, mean(statesOf(t, a, peft.Base(), "is the", 0), false), got)
	a, got = vec(t, predict.Options{MaxLength: 5}, "  "+text, mean4)
	near(t, mean(statesOf(t, a, peft.Base(), "is the number", 0), false), got)
}

// A Dense module maps the pooled vector: its weights are in its folder.
func TestDense(t *testing.T) {
	dense := [2]string{"2_Dense", "Dense"}
	files := map[string]string{
		"modules.json": modules(pool, dense, unit), "1_Pooling/config.json": `{"pooling_mode_mean_tokens": true}`,
		"2_Dense/config.json": `{"in_features": 16, "out_features": 2, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}`,
	}
	a := open(t, bert("BertModel", ""), "wordpiece", files)
	weight, bias := make([]float32, 32), []float32{0.5, -0.25}
	for i := range weight {
		weight[i] = float32(i%5) - 2
	}
	path := filepath.Join(a.Backbone().Origin().Dir, "2_Dense", "model.safetensors")
	write := func(width int) {
		os.Remove(path)
		require.NoError(t, peft.WriteTensors(path, peft.Tensors{
			"linear.weight": tensors.FromFlatDataAndDimensions(weight[:2*width], 2, width), "linear.bias": tensors.FromFlatDataAndDimensions(bias, 2),
		}))
	}
	write(16)
	embed := func() ([][]float32, error) {
		p, err := predict.New(a, predict.Options{})
		require.NoError(t, err)
		return p.Embeddings(t.Context(), peft.Base(), texts)
	}
	got, err := embed()
	require.NoError(t, err)
	for i, text := range texts {
		x := mean(statesOf(t, a, peft.Base(), text, 0), false)
		var y [2]float64
		for k := range y {
			y[k] = float64(bias[k])
			for j, v := range x {
				y[k] += v * float64(weight[16*k+j])
			}
			y[k] = math.Tanh(y[k])
		}
		length := math.Hypot(y[0], y[1])
		near(t, []float64{y[0] / length, y[1] / length}, got[i])
	}
	write(8)
	_, err = embed()
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "[2 8]")
	require.NoError(t, os.Remove(path))
	_, err = embed()
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, path)
}

// What a folder asks for and is not computed is refused by name.
func TestBadSentenceFolders(t *testing.T) {
	mean := `{"pooling_mode_mean_tokens": true}`
	for name, c := range map[string]struct {
		files map[string]string
		err   error
		says  string
	}{
		"another module": {map[string]string{"modules.json": modules(pool, [2]string{"2_Norm", "LayerNorm"}), "1_Pooling/config.json": mean}, peft.ErrUnsupported, "LayerNorm"},
		"no pooling":     {map[string]string{"modules.json": modules()}, predict.ErrModel, "Pooling"},
		"no config":      {map[string]string{"modules.json": modules(pool)}, predict.ErrModel, "config.json is missing"},
		"no mode":        {map[string]string{"modules.json": modules(pool), "1_Pooling/config.json": `{}`}, predict.ErrModel, "no way to pool"},
		"another mode":   {map[string]string{"modules.json": modules(pool), "1_Pooling/config.json": `{"pooling_mode": "median"}`}, peft.ErrUnsupported, "median"},
		"broken":         {map[string]string{"modules.json": `[`}, predict.ErrModel, "modules.json"},
		"activation": {map[string]string{
			"modules.json": modules(pool, [2]string{"2_Dense", "Dense"}), "1_Pooling/config.json": mean,
			"2_Dense/config.json": `{"in_features": 16, "out_features": 2, "activation_function": "torch.nn.modules.activation.Mish"}`,
		}, peft.ErrUnsupported, "Mish"},
		"without its prompt": {map[string]string{
			"modules.json": modules(pool), "1_Pooling/config.json": `{"pooling_mode": "mean", "include_prompt": false}`,
			"config_sentence_transformers.json": `{"prompts": {"query": "is "}, "default_prompt_name": "query"}`,
		}, peft.ErrUnsupported, "include_prompt"},
		"no such prompt": {map[string]string{
			"modules.json": modules(pool), "1_Pooling/config.json": mean, "config_sentence_transformers.json": `{"default_prompt_name": "query"}`,
		}, predict.ErrModel, "query"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := predict.New(open(t, bert("BertModel", ""), "wordpiece", c.files), predict.Options{})
			require.NoError(t, err)
			_, err = p.Embeddings(t.Context(), peft.Base(), texts)
			require.ErrorIs(t, err, c.err)
			require.ErrorContains(t, err, c.says)
		})
	}
	both := open(t, `{"model_type": "t5", "architectures": ["T5Model"], "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_heads": 2, "vocab_size": 700}`, "unigram", nil)
	p, err := predict.New(both, predict.Options{})
	require.NoError(t, err)
	_, err = p.Embeddings(t.Context(), peft.Base(), texts)
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, `models.Task("encoder")`)
}
