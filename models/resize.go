package models

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Resize gives a backbone with a vocabulary of n tokens, to train new ones: transformers' resize_token_embeddings. The
// embeddings of the input, and those of the output where the head has any, get n rows. The first ones are b's to the bit. A
// new row is the mean of b's rows, and close around it a draw by the seed, of 1e-9 of their variance in each column:
// transformers' mean_resizing, but for the correlations between columns. New tokens' biases in a language model's head are
// the mean of b's, in BART's final_logits_bias 0. What was tied stays tied, and config.json says vocab_size n, so that Save
// writes a folder that opens here and in transformers. The tokenizer's files stay those of b's folder: save the one with the
// new tokens there.
//
// The backbone runs on b's engine and shares with b whatever is of the same size. b itself stays as it is. Files of adapters
// that are trained on the new one hold the embeddings, as HF PEFT writes them, and open on b too: see peft.Adapter.Info.
//
// Errors match ErrFamily where b has no token embeddings, and arch.ErrConfig where its config doesn't allow the size, as
// when a special token would lie beyond it.
func Resize(b *peft.Backbone, n int, seed uint64) (*peft.Backbone, error) {
	if b == nil {
		return nil, fmt.Errorf("%w: there is no backbone to resize", peft.ErrInput)
	}
	origin := b.Origin()
	if origin.Resized == nil {
		return nil, fmt.Errorf("%w: it comes in one size", ErrFamily)
	}
	info := b.Info()
	if !hasTokens(b) {
		return nil, fmt.Errorf("%w: %s has no token embeddings to resize", ErrFamily, info.ModelType)
	}
	if n < 1 {
		return nil, fmt.Errorf("%w: a vocabulary of %d tokens", peft.ErrInput, n)
	}
	next, err := origin.Resized(n, info.Classes)
	if err != nil {
		return nil, fmt.Errorf("a vocabulary of %d tokens: %w", n, err)
	}
	own, tied := maps.Collect(b.Values()), map[string]string{}
	values := maps.Clone(own)
	for path, t := range own {
		if same, ok := origin.Tied[path]; ok && own[same] == t {
			tied[path] = same
			continue
		}
		shape := next.Shapes[path]
		if slices.Equal(shape, t.Shape().Dimensions) || shape == nil {
			continue
		}
		if values[path], err = withRows(path, t, shape, seed); err == nil {
			err = b.Engine().Place(values[path])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	origin.Config, origin.Tied, origin.NewTokens = next.Config, tied, true
	origin.Replicated = replicator(next.Config)
	return peft.NewBackbone(next.Model, values, b.Engine(), origin)
}

func hasTokens(b *peft.Backbone) bool {
	vocab := b.Info().Vocab
	return slices.ContainsFunc(b.Sites(), func(s seam.Site) bool {
		return s.Kind == seam.Embedding && s.Role == "embedding" && s.In == vocab
	})
}

// withRows brings a value to another shape: embeddings [tokens, width], a bias [tokens], or one that is no parameter, [1,
// tokens], in the dtype that it is held in.
func withRows(path string, t *peft.Tensor, shape []int, seed uint64) (*peft.Tensor, error) {
	flat, err := safetensors.Floats(t)
	if err != nil {
		return nil, err
	}
	total := size(shape)
	switch added := total - len(flat); {
	case added <= 0:
		flat = flat[:total]
	case len(shape) == 2 && shape[0] == 1:
		flat = append(flat, make([]float32, added)...)
	default:
		flat = addRows(path, flat, total, size(shape[1:]), seed)
	}
	out := tensors.FromFlatDataAndDimensions(flat, shape...)
	if out.DType() == t.DType() {
		return out, nil
	}
	return safetensors.Convert(out, t.DType())
}

// addRows puts rows around the mean of the others behind them.
func addRows(path string, flat []float32, total, width int, seed uint64) []float32 {
	mean, square, rows := make([]float64, width), make([]float64, width), float64(len(flat)/width)
	for i, v := range flat {
		mean[i%width] += float64(v) / rows
	}
	for i, v := range flat {
		d := float64(v) - mean[i%width]
		square[i%width] += d * d / rows
	}
	rnd := seeded.Rand(seed, path)
	for i := len(flat); i < total; i++ {
		column := i % width
		flat = append(flat, float32(mean[column]+rnd.NormFloat64()*math.Sqrt(1e-9*square[column])))
	}
	return flat
}
