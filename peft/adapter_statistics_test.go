package peft_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

const embedderMean = "base_model.model.resnet.embedder.embedder.normalization.running_mean"

// residual opens the fixtures' small ResNet.
func residual(t *testing.T) *golden.Base {
	t.Helper()
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "tiny_resnet_imgcls")
	require.NoError(t, err)
	return base
}

func convolutionsLoRA() *lora.Config { return &lora.Config{R: 2, Targets: peft.Match("convolution")} }

// moved attaches an adapter whose statistics have followed a batch.
func moved(t *testing.T, a *peft.Adapted, name string, in peft.Tensors) {
	t.Helper()
	require.NoError(t, a.Attach(name, convolutionsLoRA(), peft.TrainStatistics()))
	follow := peft.Program{Key: "follow", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		c.Forward(in)
		return c.Moved()
	}}
	out, err := a.Run(t.Context(), follow, peft.Use(name), in, []*peft.Tensor{peft.RandomState(0)}, nil)
	require.NoError(t, err)
	moving, err := a.Moving(peft.Use(name))
	require.NoError(t, err)
	require.Len(t, out, len(moving)+1)
	next := peft.Tensors{}
	for i, p := range moving {
		next[p.FileKey()] = out[i]
	}
	ad, err := a.Adapter(name)
	require.NoError(t, err)
	require.NoError(t, ad.Set(ad.Config(), next))
}

func logitsOf(t *testing.T, a *peft.Adapted, sel peft.Selection, in peft.Tensors) [][]float32 {
	t.Helper()
	out, err := a.Forward(t.Context(), sel, in)
	require.NoError(t, err)
	return rowsOf(out["logits"])
}

// Statistics are an adapter's own: they act by rows and averages beside others', don't stack with others', and merge.
func TestStatisticsOfAdapters(t *testing.T) {
	base := residual(t)
	a := peft.New(base.Backbone)
	pixels := peft.Tensors{"pixel_values": base.In["pixel_values"]}
	moved(t, a, "a", pixels)
	moved(t, a, "b", peft.Tensors{"pixel_values": halved(t, base.In["pixel_values"])})
	bare, one, two := logitsOf(t, a, peft.Base(), pixels), logitsOf(t, a, peft.Use("a"), pixels), logitsOf(t, a, peft.Use("b"), pixels)
	require.NotEqual(t, bare, one)
	require.NotEqual(t, one, two)

	mixed := logitsOf(t, a, peft.Rows("b", "", "a"), pixels)
	for i, want := range [][]float32{two[0], bare[1], one[2]} {
		require.InDeltaSlice(t, want, mixed[i], 1e-5, "row %d", i)
	}
	_, err := a.Forward(t.Context(), peft.Use("a", "b"), pixels)
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorContains(t, err, "running_mean")

	merged, err := a.Merge(t.Context(), peft.Use("a"))
	require.NoError(t, err)
	out, err := merged.Forward(t.Context(), pixels)
	require.NoError(t, err)
	for i, row := range rowsOf(out["logits"]) {
		require.InDeltaSlice(t, one[i], row, 1e-5)
	}
	require.Equal(t, base.Backbone.NumParams(), merged.NumParams())
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	require.Equal(t, ad.NumTrainable(), ad.NumAdded(), "statistics are no parameters")
}

// halved gives other pixels.
func halved(t *testing.T, v *peft.Tensor) *peft.Tensor {
	flat, err := tensors.CopyFlatData[float32](v)
	require.NoError(t, err)
	for i := range flat {
		flat[i] = flat[i]/2 + 1
	}
	return tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)
}

func TestStatisticsRefused(t *testing.T) {
	s := newScene(t)
	_, err := peft.Attach(s.b, "a", small(2, 4, "query"), peft.TrainStatistics())
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "without batch norms")

	base := residual(t)
	a, err := peft.Attach(base.Backbone, "a", convolutionsLoRA(), peft.TrainStatistics())
	require.NoError(t, err)
	train := peft.Program{Key: "train", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{graph.ReduceAllSum(c.Forward(in)["logits"])}
	}}
	dot := peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions(make([]float32, 2), 1, 2, 1, 1)}
	_, err = a.Run(t.Context(), train, a.All(), dot, []*peft.Tensor{peft.RandomState(0)}, nil)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "one value a channel")

	// A file with a part of the statistics is a damaged one.
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := filepath.Join(dir, peft.WeightsFile)
	values, err := golden.ReadTensors(path)
	require.NoError(t, err)
	delete(values, embedderMean)
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, safetensors.Encode(file, values, nil))
	require.NoError(t, file.Close())
	_, err = peft.Load(base.Backbone, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, embedderMean)
}
