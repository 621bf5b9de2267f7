package vblora_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/vblora"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/train"
)

// A file of the largest weights alone computes the same, in a part of the bytes, and can't be trained on.
func TestSavedAlone(t *testing.T) {
	for _, k := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(k), func(t *testing.T) { savedAlone(t, k) })
	}
}

func savedAlone(t *testing.T, k int) {
	ctx := context.Background()
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	cfg := &vblora.Config{
		Common: peft.Common{TaskType: "SEQ_CLS"}, R: 2, VectorLength: 4, NumVectors: 300, TopK: k, LogitsStd: 1,
		Targets: peft.Match("query", "value"), SaveOnlyTopK: true,
	}
	a, err := peft.Attach(b, "a", cfg)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	file, err := peft.ReadTensors(dir + "/" + peft.WeightsFile)
	require.NoError(t, err)
	const site = "base_model.model.bert.encoder.layer.0.attention.self.query.vblora_logits_A"
	require.Nil(t, file[site])
	require.Equal(t, shapes.Make(dtypes.Int16, 2, 2, k), file[site+"_topk_indices"].Shape())
	require.Equal(t, shapes.Make(dtypes.Float32, 2, 2, k-1), file[site+"_topk_weights"].Shape())

	opened, err := peft.Load(b, dir)
	require.NoError(t, err)
	in := peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{1, 2, 3}}), "attention_mask": tensors.FromValue([][]int32{{1, 1, 1}}),
		"labels": tensors.FromValue([]int32{1}),
	}
	want, err := a.Forward(ctx, a.All(), in)
	require.NoError(t, err)
	got, err := opened.Forward(ctx, opened.All(), in)
	require.NoError(t, err)
	require.InDeltaSlice(t, flat(t, want["logits"]), flat(t, got["logits"]), 1e-6)

	trainer, err := train.New(opened, train.Options{Optimizer: optim.AdamW{LR: 0.1}, Steps: 1})
	require.NoError(t, err)
	_, err = trainer.FitSource(ctx, data.Fixed{Batch: data.Batch{Tensors: in, Rows: 1, Tokens: 3}})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "save_only_topk_weights")
	require.ErrorContains(t, err, "layer.0.attention.self.query")
}

func flat(t *testing.T, x *peft.Tensor) []float32 {
	v, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	return v
}
