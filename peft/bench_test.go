package peft_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The hot paths on a network of 4 layers x 128, 8 rows of 64 tokens: with adapters off, on, mixed by rows, and with
// gradients. "go test -bench . -count 10" before and after a change, compared by benchstat.
const benchConfig = `{"model_type":"bert","architectures":["BertForSequenceClassification"],"hidden_size":128,
	"num_hidden_layers":4,"num_attention_heads":4,"intermediate_size":512,"vocab_size":1000}`

func benchBackbone(b *testing.B) *peft.Backbone {
	e, err := peft.OpenEngine("")
	require.NoError(b, err)
	b.Cleanup(e.Close)
	backbone, err := models.Random([]byte(benchConfig), models.On(e))
	require.NoError(b, err)
	return backbone
}

func benchInput(rows, length int) peft.Tensors {
	rnd := rand.New(rand.NewPCG(1, 1))
	ids, labels := make([]int32, rows*length), make([]int32, rows)
	for i := range ids {
		ids[i] = rnd.Int32N(1000)
	}
	return peft.Tensors{
		"input_ids": tensors.FromFlatDataAndDimensions(ids, rows, length),
		"labels":    tensors.FromFlatDataAndDimensions(labels, rows),
	}
}

func benchAdapted(b *testing.B, n int) (*peft.Adapted, []string) {
	adapted := peft.New(benchBackbone(b))
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint("a", i))
		require.NoError(b, adapted.Attach(names[i], &lora.Config{R: 8, Init: lora.Random}, peft.Seed(uint64(i))))
	}
	return adapted, names
}

func BenchmarkForward(b *testing.B) {
	const rows = 8
	adapted, names := benchAdapted(b, rows)
	in := benchInput(rows, 64)
	for name, sel := range map[string]peft.Selection{
		"bare": peft.Base(), "lora": peft.Use(names[0]), "rows": peft.Rows(names...),
		"average": peft.Average([]float64{0.5, 0.5}, peft.Use(names[0]), peft.Use(names[1])),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := adapted.Forward(context.Background(), sel, in)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkGradients(b *testing.B) {
	adapted, _ := benchAdapted(b, 1)
	in := benchInput(8, 64)
	for b.Loop() {
		_, _, err := adapted.Gradients(context.Background(), adapted.All(), in)
		require.NoError(b, err)
	}
}

// Switching an adapter's values must cost nothing beside the call.
func BenchmarkHotSwap(b *testing.B) {
	adapted, names := benchAdapted(b, 2)
	in := benchInput(1, 16)
	one, err := adapted.Adapter(names[0])
	require.NoError(b, err)
	two, err := adapted.Adapter(names[1])
	require.NoError(b, err)
	values := []peft.Tensors{one.Values(), two.Values()}
	i := 0
	cfg := one.Config()
	for b.Loop() {
		require.NoError(b, one.Set(cfg, values[i%2]))
		_, err := adapted.Forward(context.Background(), peft.Use(names[0]), in)
		require.NoError(b, err)
		i++
	}
}

func BenchmarkMerge(b *testing.B) {
	adapted, _ := benchAdapted(b, 1)
	for b.Loop() {
		_, err := adapted.Merge(context.Background(), adapted.All())
		require.NoError(b, err)
	}
}

func BenchmarkSaveLoad(b *testing.B) {
	adapted, _ := benchAdapted(b, 1)
	dir := b.TempDir()
	for b.Loop() {
		require.NoError(b, adapted.Save(dir))
		_, err := peft.Load(adapted.Backbone(), dir)
		require.NoError(b, err)
	}
}
