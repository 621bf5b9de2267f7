package randlora_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/randlora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law. On the tiny network intermediate.dense, 8 to 12, and output.dense, 12 to 8, have 3 bases of rank 3
// each, the last of which is 2 wide: 3 times 3 and 3 times 8 values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 2 * (9 + 24)},
		{"drawn again, another seed", `, "save_projection": false, "projection_prng_key": 5`, 2 * (9 + 24)},
		{"sparse, dropout", `, "sparse": true, "randlora_dropout": 0.1`, 2 * (9 + 24)},
		{"very sparse, random, biases", `, "very_sparse": true, "init_weights": false, "bias": "randlora_only"`, 2*(9+24) + 12 + 8},
	} {
		c := pefttest.Case{
			Name: "RANDLORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "RANDLORA", "r": 3, "randlora_alpha": 6, "target_modules": ["intermediate.dense", "layer.0.output.dense"]%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"randlora_alpha": -1}`, Field: "randlora_alpha"},
				{Change: `{"randlora_dropout": 1}`, Field: "randlora_dropout"},
				{Change: `{"bias": "vera_only"}`, Field: "bias"},
				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// D10: the bases stand once in the file; HF PEFT's copies under every target are passed over, other keys are not.
func TestD10BasesOnce(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &randlora.Config{R: 3, Targets: peft.Match("query", "value")})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := dir + "/" + peft.WeightsFile
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	require.Len(t, file, 2+2*2)

	const query = "base_model.model.bert.encoder.layer.0.attention.self.query."
	file[query+"randlora_A"], file[query+"randlora_B"] = file["base_model.randlora_A"], file["base_model.randlora_B"]
	require.NoError(t, peft.WriteTensors(path, file))
	opened, err := peft.Load(b, dir)
	require.NoError(t, err)
	require.NoError(t, opened.Save(dir))
	again, err := peft.ReadTensors(path)
	require.NoError(t, err)
	require.Len(t, again, 2+2*2)

	file["base_model.model.bert.encoder.layer.0.attention.self.key.randlora_A"] = file["base_model.randlora_A"]
	require.NoError(t, peft.WriteTensors(path, file))
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "key.randlora_A")
}
