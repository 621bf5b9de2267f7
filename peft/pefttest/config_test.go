package pefttest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// The finite differences must be far better than what they tell apart: the planted gradient is off by 1%, the law
// allows 0.2%.
func TestGradientErrorIsSmall(t *testing.T) {
	for _, config := range []string{
		`{"peft_type": "TOY honest", "target_modules": ["query", "value"]}`,
		`{"peft_type": "LORA", "r": 2, "target_modules": ["query", "value"], "bias": "all"}`,
		`{"peft_type": "LORA", "r": 2, "target_modules": "all-linear", "use_rslora": true}`,
	} {
		worst, err := pefttest.GradientError(pefttest.Case{Name: config, JSON: config})
		require.NoError(t, err)
		t.Logf("worst relative error %.2g: %s", worst, config)
		require.Less(t, worst, 2e-4)
	}
	worst, err := pefttest.GradientError(caseOf(fault{name: "gradient off by 1%"}))
	require.NoError(t, err)
	require.InDelta(t, 0.0099, worst, 1e-3) // 1 - 1/1.01
}

// FuzzConfig: what ParseConfig accepts it accepts again after MarshalConfig, to the same bytes, and making the
// method never panics.
func FuzzConfig(f *testing.F) {
	for name, cfg := range seam.Types() {
		raw, err := seam.MarshalConfig(cfg)
		require.NoError(f, err)
		f.Add(raw)
		f.Add([]byte(`{"peft_type": ` + quoted(f, name) + `}`))
	}
	for _, text := range []string{
		`{"peft_type": "LORA", "r": -1, "rank_pattern": {"a.b": 2, "(": 1}, "target_modules": "all-linear"}`,
		`{"peft_type": "LORA", "lora_alpha": 0, "layers_to_transform": 3, "layers_pattern": "", "unknown": {"a": [1e9]}}`,
		`{"peft_type": "LORA", "r": NaN}`, `{"peft_type": "LORA", "auto_mapping": {"b": 1, "b": 2}}`,
		`{"peft_type": "LORA", "target_modules": ["b", "a", "\u0000\ud800"]}`, `{"peft_type": "LORA"} {}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		cfg, err := peft.ParseConfig(raw)
		if err != nil {
			return
		}
		if _, ok := cfg.(*forgetfulConfig); ok {
			return // a planted fault
		}
		once, err := seam.MarshalConfig(cfg)
		require.NoError(t, err)
		again, err := peft.ParseConfig(once)
		require.NoError(t, err, "read of\n%s", once)
		twice, err := seam.MarshalConfig(again)
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
		_, err = cfg.Method()
		_, err2 := again.Method()
		require.Equal(t, err == nil, err2 == nil, "%v against %v", err, err2)
	})
}

func quoted(f *testing.F, text string) string {
	raw, err := json.Marshal(text)
	require.NoError(f, err)
	return string(raw)
}
