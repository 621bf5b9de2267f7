package unilora_test

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/unilora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law. As many values train as theta has.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 20},
		{"another seed, normal, dropout", `, "proj_seed": 0, "init_weights": false, "unilora_dropout": 0.1`, 20},
		{"saved places, biases", `, "save_indices": true, "bias": "unilora_only"`, 20 + 16},
		{"more values than numbers", `, "theta_d_length": 90`, 0},
	} {
		c := pefttest.Case{
			Name: "UNILORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "UNILORA", "r": 2, "target_modules": ["query", "layer.0.output.dense"], "init_theta_d_bound": 0.3%s}`,
				length(v.settings)),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"theta_d_length": -1}`, Field: "theta_d_length"},
				{Change: `{"proj_seed": -1}`, Field: "proj_seed"},
				{Change: `{"init_theta_d_bound": 0}`, Field: "init_theta_d_bound"},
				{Change: `{"unilora_dropout": 1}`, Field: "unilora_dropout"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"layers_to_transform": 0, "target_modules": "query"}`, Field: "layers_to_transform"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func length(settings string) string {
	if settings == `, "theta_d_length": 90` {
		return `, "theta_d_length": 76`
	}
	return settings + `, "theta_d_length": 20`
}

// The places are dealt out equally.
func TestPlacesAreDealtOut(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &unilora.Config{R: 3, Length: 20, Targets: peft.Match("query", "intermediate.dense")})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	counts, n := map[int32]int{}, 0
	for _, p := range ad.Params() {
		for _, place := range p.Ints {
			counts[place]++
			n++
		}
	}
	require.Equal(t, 3*(8+8)+3*(8+12), n)
	require.Len(t, counts, 20)
	for _, times := range counts {
		require.Contains(t, []int{n / 20, n/20 + 1}, times)
	}
}

// A file whose places lie outside of theta is refused by its tensor.
func TestPlacesOutside(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &unilora.Config{R: 2, Length: 20, Targets: peft.Match("query"), SaveIndices: true})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := dir + "/" + peft.WeightsFile
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	const key = "base_model.model.bert.encoder.layer.0.attention.self.query.unilora_indices_A"
	outside := make([]int64, 2*8)
	outside[3] = 20
	file[key] = tensors.FromFlatDataAndDimensions(outside, 2, 8)
	require.NoError(t, peft.WriteTensors(path, file))
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, key)
	require.ErrorContains(t, err, "number 3 is 20")
}
