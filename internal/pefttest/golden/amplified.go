package golden

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/peft"
)

// amplified holds a case to what its reference is good for. RandLoRA's default multiplies an update by alpha/r = 640/r, and
// rounding with it: at 640/4 the gradients of torch's float32 are 4e-5 off those of its float64 (ours 3e-6), and after five
// steps of Adam its values are 3e-4 and its logits 1.2e-2 off. What binds then is the fixtures' README: gradients to 1e-4 and
// losses to 1e-3.
type amplified struct{ Gradients, Trained, Final Tolerance }

// amplification gives the tolerances of an amplified case, nil for all others.
func amplification(c *Case) (*amplified, error) {
	if c.Type != "RANDLORA" {
		return nil, nil
	}
	raw, err := os.ReadFile(filepath.Join(c.Dir, peft.ConfigFile))
	if err != nil {
		return nil, err
	}
	var s struct {
		R     float64 `json:"r"`
		Alpha float64 `json:"randlora_alpha"`
	}
	if err := json.Unmarshal(raw, &s); err != nil || s.Alpha < 100*s.R {
		return nil, err
	}
	return &amplified{Tolerance{asked, asked}, Tolerance{5e-4, 5e-4}, Tolerance{2e-2, 2e-2}}, nil
}
