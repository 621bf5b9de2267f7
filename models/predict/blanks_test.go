package predict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// maskName names the mask token.
var maskName = map[string]string{"tokenizer_config.json": `{"mask_token": "[MASK]"}`}

// Each blank has the likeliest of all tokens, by the softmax of the logits where it stands.
func TestBlanks(t *testing.T) {
	for _, virtual := range []int{0, 3} {
		a, sel := open(t, bert("BertForMaskedLM", ""), "wordpiece", maskName), peft.Base()
		if virtual > 0 {
			require.NoError(t, a.Attach("it", &tuning.Config{Virtual: prompt.Virtual{Tokens: virtual}}))
			sel = peft.Use("it")
		}
		tok, err := models.Tokenizer(a.Backbone())
		require.NoError(t, err)
		p, err := predict.New(a, predict.Options{BatchSize: 2})
		require.NoError(t, err)
		masked := []string{"the [MASK] is [MASK] given by an integer", "[MASK]", "a string of [MASK]"}
		got, err := p.Blanks(t.Context(), sel, masked, 2)
		require.NoError(t, err)
		for i, text := range masked {
			logits := alone(t, a, sel, "logits", text)[virtual*700:]
			k := 0
			for j, id := range encoded(t, a, text).IDs {
				if id != 4 {
					continue
				}
				probabilities := softmax(logits[700*j : 700*(j+1)])
				best := 0
				for id, x := range probabilities {
					if x > probabilities[best] {
						best = id
					}
				}
				c := got[i][k]
				require.Len(t, c, 2)
				require.InDelta(t, probabilities[best], c[0].Probability, tolerance)
				require.EqualValues(t, best, c[0].ID)
				require.Equal(t, tok.Decode([]int32{int32(best)}, false), c[0].Token)
				require.InDelta(t, probabilities[c[1].ID], c[1].Probability, tolerance)
				better := 0
				for _, x := range probabilities {
					if x > c[1].Probability+tolerance {
						better++
					}
				}
				require.LessOrEqual(t, better, 1)
				k++
			}
			require.Len(t, got[i], k)
		}
	}
}

func TestBadBlanks(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForMaskedLM", ""), "wordpiece", maskName)
	p, err := predict.New(a, predict.Options{MaxLength: 6})
	require.NoError(t, err)
	for says, c := range map[string]struct {
		text string
		most int
	}{
		"texts[0]: has no [MASK]":             {"the number", 1},
		"most: must be at least 1":            {"[MASK]", 0},
		"texts[0]: has 7 tokens, more than 6": {"the number is an [MASK]", 1},
	} {
		_, err = p.Blanks(t.Context(), peft.Base(), []string{c.text}, c.most)
		require.ErrorIs(t, err, peft.ErrInput)
		require.ErrorContains(t, err, says)
	}
}
