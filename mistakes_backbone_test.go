package gopeft_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Mistakes with backbones.
func TestMistakesBackbones(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	b := s.Backbone()
	closed, err := models.Load(s.backbone)
	require.NoError(t, err)
	onClosed, err := peft.Attach(closed, "a", query())
	require.NoError(t, err)
	closed.Close()
	in := ids([]int32{7, 8})
	config, err := os.ReadFile(filepath.Join(s.backbone, "config.json"))
	require.NoError(t, err)
	damaged := filepath.Dir(s.file("damaged/config.json", string(config)))
	s.file("damaged/model.safetensors", "no")
	refused(t, s, []mistake{
		{func() error { return fails(models.Load("")) }, models.ErrFolder, "empty"},
		{func() error { return fails(models.Load(filepath.Join(s.dir, "none"))) }, models.ErrFolder, "none"},
		{func() error { return fails(models.Load(s.adapter)) }, models.ErrFolder, "adapter"},
		{func() error { return fails(models.Load(s.backbone, models.Head("seq-cls"))) }, models.ErrFamily, "seq-cls"},
		{func() error { return fails(models.Load(s.backbone, models.DType("int4"))) }, models.ErrOption, "int4"},
		{func() error { return fails(models.Load(s.backbone, models.Classes("a", "a"))) }, models.ErrOption, `"a"`},
		{func() error { return fails(models.Load(s.backbone, models.Classes())) }, models.ErrOption, "Classes"},
		{func() error { return fails(models.Load(s.backbone, models.Backend("cpu"))) }, peft.ErrEngine, "cpu"},
		{func() error { return fails(models.Load(s.backbone, models.On(nil))) }, models.ErrOption, "On"},
		{func() error { return fails(models.Load(s.backbone, nil)) }, models.ErrOption, "nil"},
		{func() error { return fails(models.Load(damaged)) }, models.ErrWeights, "damaged"},
		{func() error { return fails(models.LoadFor(s.backbone, filepath.Join(s.dir, "none"))) }, fs.ErrNotExist, "none"},
		{func() error { return fails(models.LoadForClasses(s.backbone, nil)) }, models.ErrOption, "no class"},
		{func() error { return fails(models.LoadForClasses(s.backbone, []string{"x", ""})) }, models.ErrOption, "class 1 has no name"},
		{func() error { return fails(models.Random(nil)) }, arch.ErrConfig, "empty"},
		{func() error { return fails(models.Random([]byte(`{"model_type": "brt"}`))) }, models.ErrFamily, `"bart"`},
		{func() error { return fails(models.Inspect(filepath.Join(s.dir, "none"))) }, models.ErrFolder, "none"},
		{func() error { return fails(models.Resize(nil, 10, 1)) }, peft.ErrInput, "no backbone"},
		{func() error { return fails(models.Resize(b, -1, 1)) }, peft.ErrInput, "-1"},
		{func() error { return fails(models.Tokenizer(new(peft.Backbone))) }, models.ErrFolder, "tokenizer"},
		{func() error { return fails(models.ImageProcessor(b)) }, fs.ErrNotExist, "preprocessor_config.json"},
		{func() error { return fails(b.Forward(noContext, in)) }, peft.ErrInput, "ctx"},
		{func() error { return fails(b.Forward(gone, in)) }, context.Canceled, "canceled"},
		{func() error { return fails(b.Forward(ctx, nil)) }, peft.ErrInput, "input_ids"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7}), "input_id", [][]int32{{7}}))) }, peft.ErrInput, "input_id:"},
		{func() error { return fails(b.Forward(ctx, with(peft.Tensors{}, "input_ids", [][]float32{{7}}))) }, peft.ErrInput, "input_ids"},
		{func() error { return fails(b.Forward(ctx, with(peft.Tensors{}, "input_ids", []int32{7}))) }, peft.ErrInput, "input_ids"},
		{func() error { return fails(b.Forward(ctx, ids([]int32{700}))) }, peft.ErrInput, "700"},
		{func() error { return fails(b.Forward(ctx, ids([]int32{-1}))) }, peft.ErrInput, "-1"},
		{func() error { return fails(b.Forward(ctx, ids(make([]int32, 33)))) }, peft.ErrInput, "33"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7, 8}), "attention_mask", [][]int32{{1}}))) }, peft.ErrInput, "attention_mask"},
		{func() error {
			return fails(b.Forward(ctx, with(ids([]int32{7, 8}), "attention_mask", [][]int32{{1, 2}})))
		}, peft.ErrInput, "attention_mask"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7}), "labels", []int32{2}))) }, peft.ErrInput, "labels"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7}), "labels", []int32{-100}))) }, peft.ErrInput, "labels"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7}), "labels", []float32{1}))) }, peft.ErrInput, "labels"},
		{func() error { return fails(b.Forward(ctx, with(ids([]int32{7}), "labels", nil))) }, peft.ErrInput, "labels"},
		{func() error { return fails(closed.Forward(ctx, in)) }, peft.ErrClosed, "closed"},
		{func() error { return fails(onClosed.Forward(ctx, peft.Use("a"), in)) }, peft.ErrClosed, "closed"},
		{func() error { return closed.Save(filepath.Join(s.dir, "closed")) }, peft.ErrClosed, "closed"},
		{func() error { return fails(peft.Attach(closed, "c", query())) }, peft.ErrClosed, "closed"},
		{func() error { return b.Save(s.adapter) }, peft.ErrInput, "adapter"},
		{func() error { return b.Save("") }, peft.ErrInput, "empty"},
		{func() error { return fails(new(peft.Backbone).Forward(ctx, in)) }, peft.ErrInput, "backbone"},
		{func() error { return new(peft.Backbone).Save(s.dir) }, peft.ErrInput, "backbone"},
		{func() error { return fails(peft.OpenEngine("xla:cpuu")) }, peft.ErrEngine, "cpuu"},
	})
}
