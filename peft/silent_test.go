package peft_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
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

// A user's program has its own space of keys, and another Build under one key is noticed.
func TestProgramKeys(t *testing.T) {
	a := peft.New(classifier(t))
	own := peft.Program{Key: "forward", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{graph.AddScalar(c.Forward(in)["logits"], 1)}
	}}
	in := tokens()
	for range 2 {
		plain, err := a.Forward(t.Context(), peft.Base(), in)
		require.NoError(t, err)
		require.Contains(t, plain, "logits")
		out, err := a.Run(t.Context(), own, peft.Base(), in, nil, nil)
		require.NoError(t, err)
		x, y := tensors.MustCopyFlatData[float32](plain["logits"]), tensors.MustCopyFlatData[float32](out[0])
		require.InDelta(t, x[0]+1, y[0], 1e-6)
	}
	other := peft.Program{Key: "forward", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}}
	_, err := a.Run(t.Context(), other, peft.Base(), in, nil, nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "Program.Key")
	require.ErrorContains(t, err, "silent_test.go")
}

// A file's NaN and infinities are said, and accepted only on demand.
func TestFileNotFinite(t *testing.T) {
	b := classifier(t)
	dir := savedAdapter(t, b, headed(t))
	path := filepath.Join(dir, peft.WeightsFile)
	values, err := peft.ReadTensors(path)
	require.NoError(t, err)
	const key = "base_model.model.classifier.bias"
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		values[key] = tensors.FromValue([]float32{0, bad})
		require.NoError(t, peft.WriteTensors(path, values))
		_, err = peft.Load(b, dir)
		var at *peft.TensorError
		require.ErrorAs(t, err, &at)
		require.Equal(t, key, at.Tensor)
		require.ErrorContains(t, err, "number 1 is ")
		_, err = peft.Load(b, dir, peft.Lenient())
		require.NoError(t, err)
	}
}

// An adapter and a backbone never end up in one folder, where transformers would open them as something else.
func TestFoldersOfTheirOwn(t *testing.T) {
	b := classifier(t)
	dir := filepath.Join(t.TempDir(), "b")
	require.NoError(t, b.Save(dir))
	require.NoError(t, b.Save(dir))
	a, err := peft.Attach(b, "a", headed(t))
	require.NoError(t, err)
	require.ErrorContains(t, a.Save(dir), "holds a backbone (model.safetensors)")
	require.NoFileExists(t, filepath.Join(dir, peft.ConfigFile))
	require.ErrorContains(t, b.Save(savedAdapter(t, b, headed(t))), "holds an adapter")
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

// Errors that once came out garbled say what is missing.
func TestMissing(t *testing.T) {
	b := classifier(t)
	a := peft.New(b)
	//lint:ignore SA1012 that it is nil is the point
	_, err := a.Forward(nil, peft.Base(), tokens()) //nolint:staticcheck
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "ctx: is nil")
	_, err = a.Forward(t.Context(), peft.Base(), nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "input_ids")
	_, err = a.Forward(t.Context(), peft.Base(), peft.Tensors{"input_ids": nil})
	require.ErrorContains(t, err, "input_ids: is nil")

	forward := func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}
	_, err = a.Run(t.Context(), peft.Program{Key: "none", Build: forward}, peft.Base(), nil, nil, nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "a forward pass needs the model's arguments")
	_, err = a.Run(t.Context(), peft.Program{Key: "train", Training: true, Build: forward}, peft.Base(), tokens(), nil, nil)
	require.ErrorContains(t, err, "random state")
	_, err = a.Run(t.Context(), peft.Program{Key: "nothing"}, peft.Base(), tokens(), nil, nil)
	require.ErrorContains(t, err, "Program.Build: is missing")

	_, err = a.Adapter("x")
	require.EqualError(t, err, `adapter: there is no "x", nor any other one`)
	_, err = a.Merge(t.Context(), peft.Rows("a", "b"))
	require.ErrorIs(t, err, peft.ErrMerge)

	for _, nobody := range []*peft.Backbone{nil, new(peft.Backbone)} {
		_, err = nobody.Forward(t.Context(), tokens())
		require.ErrorIs(t, err, peft.ErrInput)
		_, err = peft.Attach(nobody, "a", &lora.Config{})
		require.ErrorContains(t, err, "there is no backbone")
		_, err = peft.Load(nobody, t.TempDir())
		require.ErrorContains(t, err, "there is no backbone")
		require.ErrorContains(t, nobody.Save(t.TempDir()), "there is no backbone")
	}
	_, err = (*peft.Adapted)(nil).Forward(t.Context(), peft.Base(), tokens())
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = peft.Attach(b, "a", nil)
	require.ErrorIs(t, err, peft.ErrConfig)
	_, err = peft.NewBackbone(nil, nil, b.Engine(), peft.Origin{})
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = peft.NewBackbone(nil, nil, new(peft.Engine), peft.Origin{})
	require.ErrorIs(t, err, peft.ErrInput)
}

// A closed backbone says so; what a merged one shares with it lives on.
func TestClose(t *testing.T) {
	b := classifier(t)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Init: lora.Random})
	require.NoError(t, err)
	merged, err := a.Merge(t.Context(), a.All())
	require.NoError(t, err)
	before, err := merged.Forward(t.Context(), tokens())
	require.NoError(t, err)

	b.Close()
	b.Close()
	_, err = a.Forward(t.Context(), a.All(), tokens())
	require.ErrorIs(t, err, peft.ErrClosed)
	require.ErrorIs(t, a.Attach("b", &lora.Config{}), peft.ErrClosed)
	require.ErrorIs(t, a.Save(t.TempDir()), peft.ErrClosed)
	require.ErrorIs(t, b.Save(t.TempDir()), peft.ErrClosed)
	_, err = a.Merge(t.Context(), a.All())
	require.ErrorIs(t, err, peft.ErrClosed)

	after, err := merged.Forward(t.Context(), tokens())
	require.NoError(t, err)
	require.True(t, before["logits"].Equal(after["logits"]))
	merged.Close()
	_, err = merged.Forward(t.Context(), tokens())
	require.ErrorIs(t, err, peft.ErrClosed)
	new(peft.Backbone).Close()
}

// While calls run, an adapter gives way to another one, config and all, and no call finds none.
func TestReplace(t *testing.T) {
	b := classifier(t)
	small := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 4, Init: lora.Random})
	large := savedAdapter(t, b, &lora.Config{R: 4, Alpha: 64, Init: lora.Random, Targets: peft.Match("query", "dense")})
	logits := func(a *peft.Adapted, name string) *peft.Tensor {
		out, err := a.Forward(context.Background(), peft.Use(name), tokens())
		require.NoError(t, err)
		return out["logits"]
	}
	want := map[string]*peft.Tensor{}
	for _, dir := range []string{small, large} {
		a, err := peft.Load(b, dir)
		require.NoError(t, err)
		want[dir] = logits(a, "a")
	}
	require.False(t, want[small].Equal(want[large]))

	a := peft.New(b)
	_, err := a.LoadAs("live", small)
	require.NoError(t, err)
	done := make(chan error)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := a.Forward(context.Background(), peft.Use("live"), tokens()); err != nil {
				done <- err
				return
			}
		}
	}()
	for i := range 20 {
		dir := []string{large, small}[i%2]
		ad, err := a.Replace("live", dir)
		require.NoError(t, err)
		require.Equal(t, "live", ad.Name())
		require.True(t, want[dir].Equal(logits(a, "live")), "config and values are the folder's")
	}
	close(stop)
	require.NoError(t, <-done)

	_, err = a.Replace("live", t.TempDir())
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.True(t, want[small].Equal(logits(a, "live")), "the old one stays")
	_, err = a.Replace("dead", small)
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// Another file's tensors don't silently act with this adapter's alpha: values are set with the config they belong to.
func TestSetKnowsWhoseValues(t *testing.T) {
	b := classifier(t)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Alpha: 4})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	before := ad.Values()
	dir := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 64, Init: lora.Random})
	cfg, err := peft.ReadConfig(dir)
	require.NoError(t, err)
	values, err := peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)

	err = ad.Set(cfg, values)
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, `lora_alpha: is 64 where the values come from, and 4 in adapter "a"`)
	require.ErrorIs(t, ad.Set(nil, values), peft.ErrConfig)
	require.Equal(t, before, ad.Values())

	same := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 4, Init: lora.Random, Dropout: 0})
	cfg, err = peft.ReadConfig(same) // with its targets spelt out, and HF PEFT's other keys
	require.NoError(t, err)
	values, err = peft.ReadTensors(filepath.Join(same, peft.WeightsFile))
	require.NoError(t, err)
	require.NoError(t, ad.Set(cfg, values))
	for key, v := range values {
		require.True(t, v.Equal(ad.Values()[key]), key)
	}
}

// Values of a training step of one's own are published in the order in which Run gives them.
func TestPublish(t *testing.T) {
	a, err := peft.Attach(classifier(t), "a", headed(t))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	var next []*peft.Tensor
	for i, p := range params {
		flat := make([]float32, p.Size())
		for j := range flat {
			flat[j] = float32(i + 1)
		}
		next = append(next, tensors.FromFlatDataAndDimensions(flat, p.Shape...))
	}
	require.NoError(t, ad.Publish(next))
	for i, p := range params {
		v, err := ad.Value(p.FileKey())
		require.NoError(t, err)
		require.True(t, next[i].Equal(v), p.FileKey())
	}
	require.ErrorIs(t, ad.Publish(next[1:]), peft.ErrAdapter)
	next[0] = tensors.FromValue([]float32{1})
	require.ErrorIs(t, ad.Publish(next), peft.ErrTensor)
	next[0] = nil
	require.ErrorIs(t, ad.Publish(next), peft.ErrTensor)
}
