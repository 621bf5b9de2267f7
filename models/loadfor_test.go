package models_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// savedFor writes an adapter of a backbone into a folder.
func savedFor(t *testing.T, b *peft.Backbone, taskType string, labels ...string) string {
	t.Helper()
	a, err := peft.Attach(b, "x", &lora.Config{R: 2, Targets: peft.Match("query"), Common: peft.Common{TaskType: taskType, Classes: labels}})
	require.NoError(t, err)
	ad, err := a.Adapter("x")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, ad.Save(dir))
	return dir
}

// A folder without a head gets the adapter's; what the caller asks for counts instead, and a head that is there stays.
func TestLoadFor(t *testing.T) {
	bare, _ := named(t, tiny("BertModel", ""))
	pretrained, _ := named(t, tiny("BertForMaskedLM", ""))
	headed, classifier := named(t, tiny("BertForSequenceClassification", ""), "neg", "neu", "pos")
	_, spans := named(t, tiny("BertForQuestionAnswering", ""))
	classes := savedFor(t, classifier, "SEQ_CLS", "neg", "neu", "pos")
	unnamed := savedFor(t, classifier, "SEQ_CLS")
	answers := savedFor(t, spans, "QUESTION_ANS")
	for _, c := range []struct {
		dir, adapter string
		opts         []models.LoadOption
		task         string
		labels       []string
	}{
		{bare, "", nil, arch.Encoder, nil},
		{bare, classes, nil, arch.SequenceClass, []string{"neg", "neu", "pos"}},
		{pretrained, answers, nil, arch.QuestionAnswering, nil},
		{bare, answers, nil, arch.QuestionAnswering, nil},
		{pretrained, "", nil, arch.MaskedLM, nil},
		{pretrained, classes, nil, arch.SequenceClass, []string{"neg", "neu", "pos"}},
		{pretrained, savedFor(t, classifier, ""), nil, arch.MaskedLM, nil},
		{bare, classes, []models.LoadOption{models.Classes("a", "b", "c")}, arch.SequenceClass, []string{"a", "b", "c"}},
		{bare, classes, []models.LoadOption{models.Head(arch.TokenClass), models.Classes("O", "PER")}, arch.TokenClass, []string{"O", "PER"}},
		{bare, classes, []models.LoadOption{models.Head("")}, arch.Encoder, nil},
		{headed, answers, nil, arch.SequenceClass, []string{"neg", "neu", "pos"}},
	} {
		b, err := models.LoadFor(c.dir, c.adapter, c.opts...)
		require.NoError(t, err)
		require.Equal(t, c.task, b.Info().Head)
		require.Equal(t, c.labels, b.Info().Classes)
	}
	b, err := models.LoadFor(bare, unnamed)
	require.NoError(t, err)
	require.Len(t, b.Info().Classes, 3)
	_, err = models.LoadFor(bare, answers, models.Classes("a", "b"))
	require.ErrorIs(t, err, models.ErrOption)
	require.ErrorContains(t, err, "question-answering")
}
