package models_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// A loss is a mean over the labels that count. Where none does it would be NaN, and is refused by name; where one does it
// is a number.
func TestLabelsThatAreAllIgnored(t *testing.T) {
	type labels = peft.Tensors
	ids := func() peft.Tensors { return peft.Tensors{"input_ids": input()["input_ids"]} }
	waves := func() peft.Tensors { return peft.Tensors{"input_values": wave(2, 60)} }
	images := func() peft.Tensors { return peft.Tensors{"pixel_values": pixels(2)} }
	row := func(v ...int32) *peft.Tensor { return tensors.FromValue(v) }
	rows := func(v ...[]int32) *peft.Tensor { return tensors.FromValue(v) }
	off := []int32{-100, -100, -100, -100}
	for _, c := range []struct {
		config    []byte
		in        func() peft.Tensors
		none, one labels
		name      string
		says      string
	}{
		{tiny("BertForSequenceClassification", ""), ids, labels{"labels": row(-100, -100)}, labels{"labels": row(-100, 1)}, "labels", "every label is -100"},
		{tiny("BertForTokenClassification", ""), ids, labels{"labels": rows(off, off)}, labels{"labels": rows(off, []int32{1, -100, -100, -100})}, "labels", "every label is -100"},
		{tiny("BertForMaskedLM", ""), ids, labels{"labels": tensors.FromValue([][]int64{{-100, -100, -100, -100}, {-100, -100, -100, -100}})},
			labels{"labels": rows(off, []int32{9, -100, -100, -100})}, "labels", "every label is -100"},
		{tiny("BertForQuestionAnswering", ""), ids, labels{"start_positions": row(4, 9), "end_positions": row(1, 2)},
			labels{"start_positions": row(4, 3), "end_positions": row(9, 3)}, "start_positions", "beyond the sequence's 4 columns"},
		{tiny("BertForQuestionAnswering", ""), ids, labels{"start_positions": row(1, 2), "end_positions": row(4, 4)},
			labels{"start_positions": row(-1, 9), "end_positions": row(-1, 9)}, "end_positions", "beyond the sequence's 4 columns"},
		{tinyGPT2("GPT2LMHeadModel", ""), ids, labels{"labels": rows(off, off)}, labels{"labels": rows(off, []int32{-100, -100, -100, 3})}, "labels", "every label is -100"},
		{tinyGPT2("GPT2LMHeadModel", ""), ids, labels{"labels": rows([]int32{3, -100, -100, -100}, []int32{4, -100, -100, -100})},
			labels{"labels": rows([]int32{3, -100, -100, -100}, []int32{4, 5, -100, -100})}, "labels", "behind the first column"},
		{tinyDecoder("llama", "LlamaForSequenceClassification", `,"pad_token_id":0`), ids, labels{"labels": row(-100, -100)}, labels{"labels": row(0, -100)}, "labels", "every label is -100"},
		{tinyT5("T5ForConditionalGeneration", ""), ids, labels{"labels": rows(off, off)}, labels{"labels": rows([]int32{4}, []int32{-100})}, "labels", "every label is -100"},
		{speech("wav2vec2", "Wav2Vec2ForSequenceClassification", ""), waves, labels{"labels": row(-100, -100)}, labels{"labels": row(-100, 0)}, "labels", "every label is -100"},
		{smallConfig("vit", "ViTForImageClassification", ""), images, labels{"labels": row(-100, -100)}, labels{"labels": row(-100, 0)}, "labels", "every label is -100"},
		{smallConfig("resnet", "ResNetForImageClassification", ""), images, labels{"labels": row(-100, -100)}, labels{"labels": row(-100, 0)}, "labels", "every label is -100"},
	} {
		b, err := models.Random(c.config)
		require.NoError(t, err)
		_, err = b.Forward(t.Context(), joined(c.in(), c.none))
		require.ErrorIs(t, err, peft.ErrInput, string(c.config))
		require.True(t, strings.HasPrefix(err.Error(), c.name+": "), err.Error())
		require.ErrorContains(t, err, c.says)
		require.True(t, finiteLoss(t, b, joined(c.in(), c.one)), string(c.config))
	}
	// A transcription of nothing is one: of silence.
	silent, err := models.Random(speech("wav2vec2", "Wav2Vec2ForCTC", ""))
	require.NoError(t, err)
	require.True(t, finiteLoss(t, silent, joined(waves(), labels{"labels": rows(off, off)})))
	// Start positions without ends give no loss.
	spans, err := models.Random(tiny("BertForQuestionAnswering", ""))
	require.NoError(t, err)
	_, err = spans.Forward(t.Context(), joined(ids(), labels{"start_positions": row(9, 9)}))
	require.NoError(t, err)
}

// Behind virtual tokens the first token is predicted, too.
func TestFirstLabelBehindAPromptCounts(t *testing.T) {
	b, err := models.Random(tinyGPT2("GPT2LMHeadModel", ""))
	require.NoError(t, err)
	a, err := peft.Attach(b, "p", &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}, Common: peft.Common{TaskType: "CAUSAL_LM"}})
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3}}), "labels": tensors.FromValue([][]int32{{5}})}
	out, err := a.Forward(t.Context(), peft.Use("p"), in)
	require.NoError(t, err)
	require.False(t, math.IsNaN(float64(tensors.ToScalar[float32](out["loss"]))))
	_, err = a.Forward(t.Context(), peft.Base(), in)
	require.ErrorIs(t, err, peft.ErrInput)
	in["labels"] = tensors.FromValue([][]int32{{-100}})
	_, err = a.Forward(t.Context(), peft.Use("p"), in)
	require.ErrorIs(t, err, peft.ErrInput)
}

func joined(in, more peft.Tensors) peft.Tensors {
	for name, v := range more {
		in[name] = v
	}
	return in
}

func finiteLoss(t *testing.T, b *peft.Backbone, in peft.Tensors) bool {
	t.Helper()
	out, err := b.Forward(t.Context(), in)
	require.NoError(t, err)
	loss := float64(tensors.ToScalar[float32](out["loss"]))
	return !math.IsNaN(loss) && !math.IsInf(loss, 0)
}
