package predict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// modules is a modules.json of these further modules, by path and class.
func modules(more ...[2]string) string {
	out := `[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}`
	for _, m := range more {
		out += `, {"path": "` + m[0] + `", "type": "sentence_transformers.models.` + m[1] + `"}`
	}
	return out + "]"
}

// A sentence-transformers folder says how: pooling in its older keys or by name, joined where there are several, the longest
// text, and a prompt.
func TestSentenceFolder(t *testing.T) {
	golden.OnGo(t)
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
	a, got = vec(t, predict.Options{Normalize: new(false)}, text, map[string]string{"modules.json": modules(pool, unit), "1_Pooling/config.json": cls})
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

// Older folders keep the backbone in one below modules.json; a modules.json about other folders says nothing.
func TestSentenceFolderAbove(t *testing.T) {
	golden.OnGo(t)
	for path, tokens := range map[string]int{"model": 1, "0_Transformer": 6} {
		a := open(t, bert("BertModel", ""), "wordpiece", map[string]string{
			"../modules.json":          `[{"path": "` + path + `", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]`,
			"../1_Pooling/config.json": `{"pooling_mode": "cls"}`,
		})
		p, err := predict.New(a, predict.Options{})
		require.NoError(t, err)
		text := "the number is given"
		got, err := p.Embeddings(t.Context(), peft.Base(), []string{text})
		require.NoError(t, err)
		near(t, mean(statesOf(t, a, peft.Base(), text, 0)[:tokens], false), got[0])
	}
}

// What a folder asks for and is not computed is refused by name.
func TestBadSentenceFolders(t *testing.T) {
	golden.OnGo(t)
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
	require.ErrorContains(t, err, `models.Head("encoder")`)
}
