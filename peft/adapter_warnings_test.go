package peft_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A task_type that doesn't exist, or is for another head, is no way to lose the head.
func TestTaskTypeIsChecked(t *testing.T) {
	for taskType, says := range map[string]string{
		"SEQCLS":    `task_type: "SEQCLS" is none of SEQ_CLS`,
		"CAUSAL_LM": "CAUSAL_LM is for the head of a causal-lm model, this backbone is for sequence-classification: want SEQ_CLS",
	} {
		cfg := &lora.Config{R: 2}
		cfg.TaskType = taskType
		_, err := peft.Attach(classifier(t), "a", cfg)
		require.ErrorIs(t, err, peft.ErrConfig)
		require.ErrorContains(t, err, says)
	}
}

// A head that was drawn, and would be neither trained nor saved, is refused; where an adapter without a head is opened, it
// is told.
func TestRandomHead(t *testing.T) {
	bare := filepath.Join(t.TempDir(), "bare")
	b, err := models.Random([]byte(tinyClassifier), models.Head(""), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	require.NoError(t, b.Save(bare))
	b, err = models.Load(bare, models.Head("sequence-classification"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)

	_, err = peft.Attach(b, "a", &lora.Config{R: 2})
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "classifier.weight, classifier.bias of the head are random")
	require.ErrorContains(t, err, "set it to SEQ_CLS")

	a, err := peft.Attach(b, "a", &lora.Config{R: 2}, peft.Lenient())
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	require.Len(t, ad.Warnings(), 1)
	require.Contains(t, ad.Warnings()[0], "classifier.weight, classifier.bias of the backbone are random")

	a, err = peft.Attach(b, "a", headed(t))
	require.NoError(t, err)
	ad, err = a.Adapter("a")
	require.NoError(t, err)
	require.Empty(t, ad.Warnings())
}

// Settings that nobody means are refused where an adapter is made; those that do nothing are told.
func TestIdleSettings(t *testing.T) {
	for says, cfg := range map[string]*lora.Config{
		"lora_alpha: must be a number of at least 0, is -1":             {Alpha: -1},
		`alpha_pattern: "query": must be a number of at least 0, is -2`: {AlphaPattern: peft.Pattern[float64]{{Match: "query", Value: -2}}},
	} {
		_, err := peft.Attach(classifier(t), "a", cfg)
		require.ErrorIs(t, err, peft.ErrConfig, says)
		require.ErrorContains(t, err, says)
	}
	head := peft.Common{TaskType: "SEQ_CLS"}
	_, err := peft.Attach(classifier(t), "a", &lora.Config{Targets: peft.Match("classifier"), Common: head})
	require.ErrorIs(t, err, peft.ErrTarget)
	require.ErrorContains(t, err, `target_modules: "classifier" means classifier, which is trained whole (modules_to_save, task_type): no target is left`)

	for says, cfg := range map[string]*lora.Config{
		`rank_pattern: "key" matches modules, but none of the targets (query, value): it does nothing`:       {RankPattern: peft.Pattern[int]{{Match: "key", Value: 2}}},
		`alpha_pattern: "key" matches modules, but none of the targets (query, value): it does nothing`:      {AlphaPattern: peft.Pattern[float64]{{Match: "key", Value: 2}}},
		`target_modules: "classifier" means classifier, which is trained whole (modules_to_save, task_type)`: {Targets: peft.Match("query", "classifier"), Common: head},
	} {
		a, err := peft.Attach(classifier(t), "a", cfg)
		require.NoError(t, err)
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		require.Equal(t, []string{says}, ad.Warnings())
		again, err := peft.Load(classifier(t), savedAdapter(t, classifier(t), cfg))
		require.NoError(t, err)
		ad, err = again.Adapter("a")
		require.NoError(t, err)
		require.Equal(t, []string{says}, ad.Warnings())
	}
}
