package predict_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// What can't be answered is an error that says why, before anything runs.
func TestBadCalls(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	ctx := t.Context()
	classes := func(ctx context.Context, in predict.Inputs) error {
		_, err := p.Classes(ctx, peft.Base(), in)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"no context":  {classes(nil, predict.Texts(texts)), "ctx"}, //nolint:staticcheck // that is the point
		"nil inputs":  {classes(ctx, nil), "nil"},
		"no texts":    {classes(ctx, predict.Texts{}), "nothing to predict"},
		"empty text":  {classes(ctx, predict.Texts{"a", ""}), "texts[1]"},
		"images":      {classes(ctx, predict.ImageFiles{"a.png"}), "Classes of image files: the backbone bert has the head sequence-classification, want the head image-classification"},
		"sounds":      {classes(ctx, predict.SoundFiles{"a.wav"}), "audio-classification"},
		"words":       {second(p.Words(ctx, peft.Base(), texts)), "want the head token-classification"},
		"entities":    {second(p.Entities(ctx, peft.Base(), texts)), "Entities"},
		"answers":     {second(p.Answers(ctx, peft.Base(), []predict.Question{{"a", "b"}})), "question-answering"},
		"embeddings":  {second(p.Embeddings(ctx, peft.Base(), texts)), "want no head"},
		"blanks":      {second(p.Blanks(ctx, peft.Base(), texts, 1)), "masked-lm"},
		"transcripts": {second(p.Transcripts(ctx, peft.Base(), predict.SoundFiles{"a"})), "ctc"},
		"texts read":  {second(p.Transcripts(ctx, peft.Base(), predict.Texts{"a"})), "want Sounds"},
	} {
		require.ErrorIs(t, c.err, peft.ErrInput, name)
		require.ErrorContains(t, c.err, c.says, name)
	}
	var head *predict.HeadError
	require.ErrorAs(t, classes(ctx, predict.ImageFiles{"a.png"}), &head)
	require.ErrorIs(t, head, predict.ErrModel)

	_, err = predict.New(nil, predict.Options{})
	require.ErrorIs(t, err, peft.ErrInput)
	for field, o := range map[string]predict.Options{
		"BatchSize": {BatchSize: -1}, "MaxLength": {MaxLength: -1}, "Stride": {Stride: -1}, "MaxAnswer": {MaxAnswer: -1},
		"Buckets": {Buckets: []int{8, 8}}, "Threshold": {Threshold: 1.5}, "Pooling": {Pooling: 99},
	} {
		_, err := predict.New(a, o)
		require.ErrorIs(t, err, predict.ErrOption, field)
		require.ErrorContains(t, err, field)
	}
	long, err := predict.New(a, predict.Options{MaxLength: 65})
	require.NoError(t, err)
	_, err = long.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrOption)
	require.ErrorContains(t, err, "64 positions")

	b, err := models.Random([]byte(bert("BertForSequenceClassification", three)), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	// A tokenizer without a token to pad with is no use either.
	unpadded, err := predict.New(open(t, classifiers["gpt2"][0], "bytelevel", nil), predict.Options{})
	require.NoError(t, err)
	_, err = unpadded.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "no token to pad with")

	homeless, err := predict.New(peft.New(b), predict.Options{})
	require.NoError(t, err)
	_, err = homeless.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "tokenizer")
}

func second[T any](_ T, err error) error { return err }

// A context that ends between two batches stops the call.
func TestCancelled(t *testing.T) {
	golden.OnGo(t)
	p, err := predict.New(open(t, bert("BertForSequenceClassification", three), "wordpiece", nil), predict.Options{BatchSize: 1})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = p.Classes(ctx, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, context.Canceled)
	late := &lateContext{Context: t.Context(), left: len(texts) + 2}
	_, err = p.Classes(late, peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Regexp(t, `stopped behind [1-6] rows`, err.Error())
}

// lateContext ends when it has been asked so many times.
type lateContext struct {
	context.Context
	left int
}

func (c *lateContext) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}
