package predict

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// White space at the ends of a part is no part of it, in characters as in bytes.
func TestSpanOf(t *testing.T) {
	text := "日 \u00a0本語  x"
	require.Equal(t, Span{Text: "本語", Start: 3, End: 5, From: 6, To: 12}, spanOf(text, 1, 6, 3, 13))
	require.Equal(t, Span{Text: "日", Start: 0, End: 1, From: 0, To: 3}, spanOf(text, 0, 1, 0, 3))
	require.Empty(t, spanOf(text, 1, 3, 3, 6).Text)
}
