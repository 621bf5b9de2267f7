package peft_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3"
	"github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// Mixes says what Rows does.
func TestMixes(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  peft.Config
		want bool
	}{
		"LoRA":             {&lora.Config{R: 2}, true},
		"DoRA":             {&lora.Config{R: 2, DoRA: true}, true},
		"a saved head":     {withHead(small(2, 8, "query")), true},
		"(IA)^3":           {&ia3.Config{}, true},
		"bottlenecks":      {&hooks.Bottleneck{}, true},
		"prompt tuning":    {&tuning.Config{Virtual: prompt.Virtual{Tokens: 2}}, false},
		"a learned prefix": {&prefix.Config{Virtual: prompt.Virtual{Tokens: 2}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			require.Equal(t, c.want, s.attach("a", c.cfg).Mixes())
			_, err := s.Forward(t.Context(), peft.Rows("a", "", "a"), s.x)
			if c.want {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, peft.ErrUnsupported)
			}
		})
	}
}
