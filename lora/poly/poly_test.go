package poly_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/poly"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// filled gives an adapter of three tasks on a small random decoder, each value a function of its place.
func filled(t *testing.T, config string, logits float32) *peft.Adapted {
	t.Helper()
	b, err := models.Random([]byte(config))
	require.NoError(t, err)
	a, err := peft.Attach(b, "p", &poly.Config{R: 2, Tasks: 3, Skills: 2, Splits: 2, InitWeights: new(false)})
	require.NoError(t, err)
	ad, err := a.Adapter("p")
	require.NoError(t, err)
	values := peft.Tensors{}
	for key, v := range ad.Values() {
		flat := tensors.MustCopyFlatData[float32](v)
		if v.Rank() == 2 { // the logits
			for i, sign := range []float32{1, -1, 1, -1, -1, 1, -1, 1, 1, -1, -1, 1} { // task 0: skill 0 in both splits, …
				flat[i] = logits * sign
			}
		} else {
			for i := range flat {
				flat[i] *= 6
			}
		}
		values[key] = tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)
	}
	require.NoError(t, ad.Set(ad.Config(), values))
	return a
}

const llama = `{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":16,"num_hidden_layers":2,
	"num_attention_heads":2,"num_key_value_heads":1,"intermediate_size":24,"vocab_size":40,"max_position_embeddings":64}`

func batch(tasks any) peft.Tensors {
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 9, 2}, {5, 9, 2}}), "labels": tensors.FromValue([][]int32{{5, 9, 2}, {5, 9, 2}})}
	if tasks != nil {
		var err error
		if in["task_ids"], err = tensors.FromAnyValue(tasks); err != nil {
			panic(err)
		}
	}
	return in
}

// A call says which task each row is of: equal rows give what their task makes of them, in any order and integer type.
func TestTasksByRow(t *testing.T) {
	a := filled(t, llama, 2)
	logits := func(tasks any) []float32 {
		out, err := a.Forward(context.Background(), peft.Use("p"), batch(tasks))
		require.NoError(t, err)
		return tensors.MustCopyFlatData[float32](out["logits"])
	}
	mixed := logits([]int64{2, 0})
	swapped := logits([]int32{0, 2})
	half := len(mixed) / 2
	require.Equal(t, mixed[:half], swapped[half:])
	require.Equal(t, mixed[half:], swapped[:half])
	require.NotEqual(t, mixed[:half], mixed[half:])
}

// What is wrong with the argument is told by its name, the row and the numbers.
func TestBadTasks(t *testing.T) {
	a := filled(t, llama, 2)
	for name, c := range map[string]struct {
		tasks any
		says  []string
	}{
		"missing":     {nil, []string{"missing", `"p"`, "POLY"}},
		"no such":     {[]int32{0, 3}, []string{"row 1", "task 3", "0..2"}},
		"below 0":     {[]int32{-1, 0}, []string{"row 0", "task -1"}},
		"too few":     {[]int32{1}, []string{"holds 1", "2 rows"}},
		"too deep":    {[][]int32{{1}, {1}}, []string{"[2 1]", "[batch]"}},
		"no integers": {[]float32{0, 1}, []string{"Float32", "int64"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Forward(context.Background(), peft.Use("p"), batch(c.tasks))
			require.ErrorIs(t, err, peft.ErrInput)
			var in *seam.InputError
			require.ErrorAs(t, err, &in)
			require.Equal(t, "task_ids", in.Name)
			for _, s := range c.says {
				require.ErrorContains(t, err, s)
			}
		})
	}
	_, err := a.Forward(context.Background(), peft.Base(), batch([]int32{0, 1}))
	require.ErrorIs(t, err, peft.ErrInput, "without the adapter nobody reads it")
	b, err := models.Random([]byte(llama))
	require.NoError(t, err)
	_, err = peft.Attach(b, "p", &poly.Config{Splits: 3, Targets: peft.Match("q_proj")})
	for _, s := range []string{"n_splits", "3", "q_proj", "16 in"} {
		require.ErrorContains(t, err, s)
	}
}

// While it trains, the mixture is drawn. Logits far from 0 leave nothing to chance, so that it is then as in evaluation.
func TestDraws(t *testing.T) {
	p := peft.Program{Key: "logits", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}}
	train := func(a *peft.Adapted, seed uint64) *peft.Tensor {
		out, err := a.Run(context.Background(), p, peft.Use("p"), batch([]int32{1, 1}), []*peft.Tensor{peft.RandomState(seed)}, nil)
		require.NoError(t, err)
		return out[0]
	}
	evaluate := func(a *peft.Adapted) *peft.Tensor {
		out, err := a.Forward(context.Background(), peft.Use("p"), batch([]int32{1, 1}))
		require.NoError(t, err)
		return out["logits"]
	}
	free, fixed := filled(t, llama, 0.1), filled(t, llama, 40)
	require.True(t, train(free, 1).Equal(train(free, 1)))
	require.False(t, train(free, 1).Equal(train(free, 2)))
	require.False(t, evaluate(free).InDelta(train(free, 1), 1e-4))
	flat := tensors.MustCopyFlatData[float32](train(free, 1))
	require.NotEqual(t, flat[:len(flat)/2], flat[len(flat)/2:], "each row has a draw of its own")
	require.True(t, evaluate(fixed).InDelta(train(fixed, 1), 1e-5))
}

// Texts are written for a task: each later step knows the task of the first one, and beams have that of their prompt.
func TestWriting(t *testing.T) {
	for name, config := range map[string]string{
		"decoder": llama,
		"encoder and decoder": `{"model_type":"t5","architectures":["T5ForConditionalGeneration"],"d_model":16,"d_kv":8,"d_ff":24,
			"num_layers":2,"num_heads":2,"vocab_size":40,"decoder_start_token_id":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			a := filled(t, config, 2)
			for _, beams := range []int{1, 3} {
				g, err := generate.New(a, generate.Options{MaxNewTokens: 6, Beams: beams, EOS: []int32{}, Pad: new(int32(0))})
				require.NoError(t, err)
				write := func(tasks ...int32) [][]int32 {
					out, err := g.Generate(context.Background(), peft.Use("p"), generate.Batch{IDs: [][]int32{{5, 9, 2}, {5, 9, 2}}, Arguments: map[string][]int32{"task_ids": tasks}})
					require.NoError(t, err)
					return out.New()
				}
				mixed, first, last := write(0, 2), write(0, 0), write(2, 2)
				require.NotEqual(t, first[0], last[0])
				require.Equal(t, [][]int32{first[0], last[0]}, mixed)
				_, err = g.Generate(context.Background(), peft.Use("p"), generate.Batch{IDs: [][]int32{{5}, {5}}, Arguments: map[string][]int32{"task_ids": {1}}})
				require.ErrorIs(t, err, generate.ErrPrompt)
				require.ErrorContains(t, err, "task_ids")
			}
		})
	}
}
