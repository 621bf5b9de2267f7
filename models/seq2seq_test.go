package models_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// seq2seqCases are the rows of testdata/seq2seq.json, made by internal/testdata/gen/seq2seq.py.
func seq2seqCases(t *testing.T) map[string]decoderCase { return cases(t, "testdata/seq2seq.json") }

// gives compares what transformers gives with a backbone's outputs, which may be more.
func (c decoderCase) gives(t *testing.T, b *peft.Backbone, name string) {
	t.Helper()
	out, err := b.Forward(t.Context(), c.inputs(t))
	require.NoError(t, err, name)
	c.near(t, out, name)
}

// Every option of the encoder-decoders' configs gives transformers' numbers; saved again, the checkpoint has its names
// and opens with the same bits.
func TestEncoderDecodersAreTransformers(t *testing.T) {
	on := engine(t)
	for name, c := range seq2seqCases(t) {
		b, err := models.Load(c.folder(t, nil), on)
		require.NoError(t, err, name)
		c.gives(t, b, name)
		require.Empty(t, b.Origin().Drawn, name)

		c.reopens(t, b, name, on)
	}
}

// A T5 with a head of its own says so by its tensors; transformers 5 writes tie_word_embeddings as true all the same.
func TestHeadThatConfigTies(t *testing.T) {
	on, c := engine(t), seq2seqCases(t)["t5, own head"]
	cfg, err := arch.ParseConfig(c.Config)
	require.NoError(t, err)
	cfg.Set("tie_word_embeddings", true)
	raw, err := cfg.JSON()
	require.NoError(t, err)
	b, err := models.Load(c.folder(t, raw), on)
	require.NoError(t, err)
	c.gives(t, b, "as transformers 5 saves it")
	require.NotContains(t, b.Origin().Tied, "lm_head.weight")

	values := maps.Collect(b.Values())
	values["lm_head.weight"] = values["shared.weight"]
	delete(values, "encoder.embed_tokens.weight")
	delete(values, "decoder.embed_tokens.weight")
	dir := c.folder(t, raw)
	require.NoError(t, safetensors.Write(filepath.Join(dir, "model.safetensors"), values, nil))
	b, err = models.Load(dir, on)
	require.NoError(t, err)
	require.Equal(t, "shared.weight", b.Origin().Tied["lm_head.weight"], "a copy of the embeddings is the embeddings")
}
