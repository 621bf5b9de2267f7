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

const tinyClassifier = `{"model_type":"bert","architectures":["BertForSequenceClassification"],
	"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`

// classifier is a tiny backbone whose classes have these names.
func classifier(t *testing.T, classes ...string) *peft.Backbone {
	t.Helper()
	opts := []models.LoadOption{models.On(golden.OpenEngine(t))}
	if len(classes) > 0 {
		opts = append(opts, models.Classes(classes...))
	}
	b, err := models.Random([]byte(tinyClassifier), opts...)
	require.NoError(t, err)
	return b
}

func headed(t *testing.T, classes ...string) *lora.Config {
	c := &lora.Config{R: 2}
	c.TaskType, c.Classes = "SEQ_CLS", classes
	return c
}

func savedAdapter(t *testing.T, b *peft.Backbone, cfg peft.Config) string {
	t.Helper()
	a, err := peft.Attach(b, "a", cfg)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "a")
	require.NoError(t, a.Save(dir))
	return dir
}

// An adapter whose head has the classes in one order never answers by the backbone's other order.
func TestClassesInAnotherOrder(t *testing.T) {
	dir := savedAdapter(t, classifier(t, "bug", "praise"), headed(t))
	cfg, err := peft.ReadConfig(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"bug", "praise"}, cfg.Shared().Classes, "names are saved by default")

	_, err = peft.Load(classifier(t, "praise", "bug"), dir)
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "the adapter's classes are bug, praise, the backbone's praise, bug")

	for _, b := range []*peft.Backbone{classifier(t), classifier(t, "bug", "praise"), classifier(t, "yes", "no")} {
		a, err := peft.Load(b, dir)
		require.NoError(t, err)
		info, err := a.Info(a.All())
		require.NoError(t, err)
		require.Equal(t, []string{"bug", "praise"}, info.Classes, "the adapter's head has its own names")
		info, err = a.Info(peft.Base())
		require.NoError(t, err)
		require.Equal(t, b.Info().Classes, info.Classes)
	}
}

// Names are saved wherever they were given, and generic ones are not, so that files stay as they are.
func TestClassesSaved(t *testing.T) {
	for _, c := range []struct {
		b   *peft.Backbone
		cfg *lora.Config
		in  []string
	}{
		{classifier(t), headed(t, "no", "yes"), []string{"no", "yes"}},
		{classifier(t, "no", "yes"), headed(t), []string{"no", "yes"}},
		{classifier(t), headed(t), nil},
		{classifier(t, "no", "yes"), &lora.Config{R: 2}, nil}, // whose head is the backbone's
	} {
		cfg, err := peft.ReadConfig(savedAdapter(t, c.b, c.cfg))
		require.NoError(t, err)
		require.Equal(t, c.in, cfg.Shared().Classes)
	}
	for says, names := range map[string][]string{
		`classes 0 and 1 are both "a"`:                            {"a", "a"},
		"has 3 names (a, b, c), the adapter's head has 2 classes": {"a", "b", "c"},
	} {
		_, err := peft.Attach(classifier(t), "a", headed(t, names...))
		require.ErrorIs(t, err, peft.ErrConfig)
		require.ErrorContains(t, err, says)
	}
}
