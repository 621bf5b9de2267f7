package shadow_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/shadow"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

const llama = `{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":16,"num_hidden_layers":3,
	"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":24,"vocab_size":40,"max_position_embeddings":64}`

func attached(t *testing.T, config string, cfg *shadow.Config) *peft.Adapted {
	t.Helper()
	b, err := models.Random([]byte(config))
	require.NoError(t, err)
	a, err := peft.Attach(b, "s", cfg)
	require.NoError(t, err)
	return a
}

// Token by token, with what is kept of the tokens before, a text is written as by reading it anew for each token.
func TestWriting(t *testing.T) {
	for name, hidden := range map[string]*int{"shared embeddings": nil, "own embeddings": new(8)} {
		t.Run(name, func(t *testing.T) {
			a := attached(t, llama, &shadow.Config{R: 4, Alpha: 20, InitWeights: new(false), Hidden: hidden})
			g, err := generate.New(a, generate.Options{MaxNewTokens: 8, Beams: 1, EOS: []int32{}, Pad: new(int32(0))})
			require.NoError(t, err)
			use, text := peft.Use("s"), []int32{5, 9, 2}
			out, err := g.Generate(context.Background(), use, generate.Batch{IDs: [][]int32{text, {7, 1}}})
			require.NoError(t, err)
			for range 8 {
				in := peft.Tensors{"input_ids": tensors.FromFlatDataAndDimensions(text, 1, len(text))}
				logits, err := a.Forward(context.Background(), use, in)
				require.NoError(t, err)
				all := tensors.MustCopyFlatData[float32](logits["logits"])
				text = append(text, largest(all[len(all)-40:]))
			}
			require.Equal(t, text, out.Sequences[0])
			bare, err := g.Generate(context.Background(), peft.Base(), generate.Batch{IDs: [][]int32{text[:3]}})
			require.NoError(t, err)
			require.NotEqual(t, bare.Sequences[0], text, "the adapter has a say")
		})
	}
}

func largest(x []float32) int32 {
	best := 0
	for i := range x {
		if x[i] > x[best] {
			best = i
		}
	}
	return int32(best)
}

// Which blocks it acts at, and what can't be.
func TestBlocks(t *testing.T) {
	blocks := func(cfg *shadow.Config) ([]string, error) {
		b, err := models.Random([]byte(llama))
		require.NoError(t, err)
		a, err := peft.Attach(b, "s", cfg)
		if err != nil {
			return nil, err
		}
		dir := t.TempDir()
		require.NoError(t, a.Save(dir))
		loaded, err := peft.Load(b, dir)
		require.NoError(t, err)
		var out []string
		params, err := loaded.Trainable(loaded.All())
		require.NoError(t, err)
		for _, p := range params {
			if p.Name == "shadow_down.default.weight" {
				out = append(out, p.Site)
			}
		}
		return out, nil
	}
	for _, c := range []struct {
		name string
		cfg  *shadow.Config
		want []string
	}{
		{"all", &shadow.Config{}, []string{"model.layers.0", "model.layers.1", "model.layers.2"}},
		{"by number", &shadow.Config{Targets: peft.Match("1", "2")}, []string{"model.layers.1", "model.layers.2"}},
		{"by pattern", &shadow.Config{Targets: peft.MatchRegexp(`.*\.layers\.[01]`)}, []string{"model.layers.0", "model.layers.1"}},
		{"layers", &shadow.Config{LayersToTransform: peft.IntList(1, 2)}, []string{"model.layers.1", "model.layers.2"}},
		{"excluded", &shadow.Config{Exclude: peft.Match("model.layers.0")}, []string{"model.layers.1", "model.layers.2"}},
	} {
		got, err := blocks(c.cfg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	for _, c := range []struct {
		cfg  *shadow.Config
		says []string
	}{
		{&shadow.Config{Targets: peft.Match("0", "2")}, []string{"target_modules", "model.layers.0", "model.layers.2"}},
		{&shadow.Config{LayersToTransform: peft.IntList(7)}, []string{"layers_to_transform", "7", "3 blocks"}},
		{&shadow.Config{Heads: new(3)}, []string{"num_attention_heads", "3"}},
		{&shadow.Config{Model: "some/checkpoint"}, []string{"shadow_model", "some/checkpoint"}},
	} {
		_, err := blocks(c.cfg)
		require.Error(t, err)
		for _, s := range c.says {
			require.ErrorContains(t, err, s)
		}
	}
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertModel"],"hidden_size":16,"num_hidden_layers":1,
		"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	require.NoError(t, err)
	_, err = peft.Attach(b, "s", &shadow.Config{})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bert")
}
