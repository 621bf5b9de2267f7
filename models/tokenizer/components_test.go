package tokenizer

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestComponents holds each component to what HF tokenizers makes of awkward texts with it, by
// internal/testdata/gen/tokenizer_components.py.
func TestComponents(t *testing.T) {
	var golden struct {
		Components []struct {
			Name      string
			Tokenizer json.RawMessage
			Cases     [][3]json.RawMessage
		}
		Decoders []struct {
			Name    string
			Decoder json.RawMessage
			Cases   [][2]json.RawMessage
		}
	}
	readJSON(t, "testdata/components.json", &golden)
	require.NotEmpty(t, golden.Components)
	for _, c := range golden.Components {
		t.Run(c.Name, func(t *testing.T) {
			tok, err := FromBytes(c.Tokenizer)
			require.NoError(t, err)
			for _, row := range c.Cases {
				var text string
				var tokens []string
				var offsets [][2]int32
				require.NoError(t, json.Unmarshal(row[0], &text))
				require.NoError(t, json.Unmarshal(row[1], &tokens))
				require.NoError(t, json.Unmarshal(row[2], &offsets))
				got, err := tok.Encode(text, nil)
				require.NoError(t, err)
				f := fieldsOf(got)
				require.Equal(t, tokens, f.Tokens, "%q", text)
				require.Equal(t, offsets, f.Offsets, "%q", text)
			}
		})
	}
	require.NotEmpty(t, golden.Decoders)
	for _, c := range golden.Decoders {
		d, err := component("decoder", c.Decoder, decoders)
		require.NoError(t, err)
		for _, row := range c.Cases {
			var tokens []string
			var text string
			require.NoError(t, json.Unmarshal(row[0], &tokens))
			require.NoError(t, json.Unmarshal(row[1], &text))
			require.Equal(t, text, strings.Join(d.decode(tokens), ""), "%s %q", c.Name, tokens)
		}
	}
}
