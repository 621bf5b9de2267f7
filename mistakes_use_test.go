package gopeft_test

import (
	"context"
	"image"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/models/tokenizer/chat"
	"github.com/gopeft/gopeft/peft"
)

// Mistakes with predictions, generation, tokenizers, images and sounds.
func TestMistakesUse(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	p, err := predict.New(s.Adapted, predict.Options{})
	require.NoError(t, err)
	dir, done, err := talker()
	require.NoError(t, err)
	defer done()
	b, err := models.Load(dir)
	require.NoError(t, err)
	speaker := peft.New(b)
	g, err := generate.New(speaker, generate.Options{MaxNewTokens: 2})
	require.NoError(t, err)
	tok, err := models.Tokenizer(s.Backbone())
	require.NoError(t, err)
	predictor := func(o predict.Options) func() error {
		return func() error { return fails(predict.New(s.Adapted, o)) }
	}
	classes := func(ctx context.Context, sel peft.Selection, in predict.Inputs) func() error {
		return func() error { return fails(p.Classes(ctx, sel, in)) }
	}
	writer := func(o generate.Options) func() error { return func() error { return fails(generate.New(speaker, o)) } }
	writes := func(rows ...[]int32) func() error {
		return func() error { return fails(g.Generate(ctx, peft.Base(), generate.Batch{IDs: rows})) }
	}
	encode := func(o tokenizer.Options) func() error {
		return func() error { return fails(tok.Encode("a text of words", &o)) }
	}
	text := predict.Texts{"it is an error"}
	refused(t, s, []mistake{
		{func() error { return fails(predict.New(nil, predict.Options{})) }, peft.ErrInput, "adapted"},
		{predictor(predict.Options{BatchSize: -1}), predict.ErrOption, "BatchSize"},
		{predictor(predict.Options{MaxLength: -1}), predict.ErrOption, "MaxLength"},
		{predictor(predict.Options{Threshold: 2}), predict.ErrOption, "Threshold"},
		{predictor(predict.Options{Pooling: 99}), predict.ErrOption, "Pooling"},
		{predictor(predict.Options{Buckets: []int{16, 8}}), predict.ErrOption, "Buckets"},
		{classes(noContext, peft.Base(), text), peft.ErrInput, "ctx"},
		{classes(gone, peft.Base(), text), context.Canceled, "canceled"},
		{classes(ctx, peft.Base(), nil), peft.ErrInput, "inputs"},
		{classes(ctx, peft.Base(), predict.Texts{}), peft.ErrInput, "nothing to predict"},
		{classes(ctx, peft.Base(), predict.Texts{"a", ""}), peft.ErrInput, "1"},
		{classes(ctx, peft.Base(), predict.Pairs{{First: "a"}}), peft.ErrInput, "pairs[0]"},
		{classes(ctx, peft.Base(), predict.Images{image.NewGray(image.Rect(0, 0, 2, 2))}), predict.ErrModel, "image-classification"},
		{classes(ctx, peft.Base(), predict.SoundFiles{"none.wav"}), predict.ErrModel, "sequence-classification"},
		{classes(ctx, peft.Use("c"), text), peft.ErrAdapter, `"c"`},
		{classes(ctx, peft.Rows("a", "b"), text), peft.ErrInput, "2"},
		{func() error { return fails(p.Numbers(ctx, peft.Base(), text)) }, predict.ErrModel, "regression"},
		{func() error { return fails(p.Words(ctx, peft.Base(), text)) }, predict.ErrModel, "token-classification"},
		{func() error { return fails(p.Embeddings(ctx, peft.Base(), text)) }, predict.ErrModel, "Embeddings"},
		{func() error { return fails(p.Blanks(ctx, peft.Base(), text, 1)) }, predict.ErrModel, "masked-lm"},
		{func() error { return fails(p.Answers(ctx, peft.Base(), nil)) }, predict.ErrModel, "question-answering"},
		{func() error { return fails(new(predict.Predictor).Classes(ctx, peft.Base(), text)) }, peft.ErrInput, "predict.New"},
		{func() error { return fails((*predict.Predictor)(nil).Classes(ctx, peft.Base(), text)) }, peft.ErrInput, "predict.New"},
		{func() error { return fails(generate.New(nil, generate.Options{})) }, peft.ErrInput, "nil Adapted"},
		{func() error { return fails(generate.New(s.Adapted, generate.Options{})) }, generate.ErrModel, "causal-lm"},
		{func() error { return fails(generate.FolderOptions(nil)) }, peft.ErrInput, "nil backbone"},
		{writer(generate.Options{MaxNewTokens: -1}), generate.ErrOption, "max_new_tokens"},
		{writer(generate.Options{Temperature: -1}), generate.ErrOption, "temperature"},
		{writer(generate.Options{TopP: 2}), generate.ErrOption, "top_p"},
		{writer(generate.Options{Beams: 2, Temperature: 1}), generate.ErrOption, "num_beams"},
		{writer(generate.Options{EOS: []int32{701}}), generate.ErrOption, "eos_token_id"},
		{writer(generate.Options{Pad: new(int32(-1))}), generate.ErrOption, "pad_token_id"},
		{writer(generate.Options{Stop: []string{""}}), generate.ErrOption, "stop_strings"},
		{writes(), generate.ErrPrompt, "prompt"},
		{writes([]int32{}), generate.ErrPrompt, "prompt"},
		{writes([]int32{701}), generate.ErrPrompt, "701"},
		{writes(make([]int32, 64)), generate.ErrOption, "64"},
		{func() error { return fails(g.Generate(gone, peft.Base(), generate.Batch{IDs: [][]int32{{1}}})) }, context.Canceled, "canceled"},
		{func() error { return fails(g.Text(ctx, peft.Use("c"), "a")) }, peft.ErrAdapter, `"c"`},
		{func() error { return fails(g.Text(ctx, peft.Base())) }, generate.ErrPrompt, "prompt"},
		{func() error {
			for _, err := range g.Stream(noContext, peft.Base(), "a") {
				return err
			}
			return nil
		}, peft.ErrInput, "ctx"},
		{func() error { return fails(new(generate.Generator).Text(ctx, peft.Base(), "a")) }, peft.ErrInput, "generate.New"},
		{func() error { return fails(tokenizer.Load("")) }, fs.ErrNotExist, "empty"},
		{func() error { return fails(tokenizer.FromBytes(nil)) }, tokenizer.ErrFormat, "JSON"},
		{func() error { return fails(tokenizer.FromBytes([]byte(`{"model": {"type": "BPF"}}`))) }, tokenizer.ErrUnsupported, "BPF"},
		{func() error { return fails(tokenizer.Train(nil, nil, nil)) }, tokenizer.ErrTraining, "texts is nil"},
		{encode(tokenizer.Options{Truncation: &tokenizer.Truncation{MaxLength: 1}}), tokenizer.ErrTruncation, "to 1 tokens"},
		{encode(tokenizer.Options{Truncation: &tokenizer.Truncation{MaxLength: 4, Stride: 9}}), tokenizer.ErrTruncation, "9"},
		{encode(tokenizer.Options{Padding: &tokenizer.Padding{Strategy: tokenizer.PadFixed, Length: -1}}), tokenizer.ErrPadding, "-1"},
		{func() error { return fails(tok.EncodeBatch([]string{"a"}, []string{"b", "c"}, nil)) }, tokenizer.ErrBatch, "1 and 2"},
		{func() error {
			return fails(preprocess.ParseImages([]byte(`{"image_processor_type": "ViTImageProcessor", "size": "big"}`)))
		}, preprocess.ErrConfig, "size"},
		{func() error { return fails(preprocess.ParseAudio(nil)) }, preprocess.ErrConfig, "JSON"},
		{func() error { return fails(new(preprocess.ImageProcessor).Process(nil...)) }, preprocess.ErrImage, "LoadImages"},
		{func() error { return fails(chat.Parse("{{", nil)) }, chat.ErrTemplate, "{{"},
	})
}
