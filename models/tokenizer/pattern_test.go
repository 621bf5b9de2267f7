package tokenizer

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomRunes are of all planes, with many of those that the patterns tell apart.
func randomRunes(rng *rand.Rand) []rune {
	near := []rune("'sStTrReEvVmMlLdD\u017F\u212A aZ09\u0660\u00B2\u2160\u00E9\u65E5\u0301!-_\u20AC \u00A0\u3000\u2028\t\r\n\n\v\U0001F600\U00010D4A\U00010D40")
	out := make([]rune, rng.IntN(24))
	for i := range out {
		out[i] = near[rng.IntN(len(near))]
		if rng.IntN(6) == 0 {
			out[i] = rng.Int32N(0x30000)
			if out[i] >= 0xD800 && out[i] < 0xE000 {
				out[i] = 'x'
			}
		}
	}
	return out
}

// TestScannersAgree holds the scanners to the general engine on the patterns they stand for.
func TestScannersAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []*scanner{&gpt2, &llama3, &qwen2} {
		general, err := compile(s.pattern)
		require.NoError(t, err)
		for range 3000 {
			text := randomRunes(rng)
			require.Equal(t, general.matches(text), s.matches(text), "%q", string(text))
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []string
	}{
		{`a++b|a+`, "aab aa", []string{"aab", "aa"}},
		{`[^a&&\w]+`, "abca d", []string{"bc", " d"}},
		{`[\p{L}&&[^\p{Han}]]+`, "ab\u65E5c", []string{"ab", "c"}},
		{`\p{^L}`, "a1b", []string{"1"}},
		{`(?i:k)`, "kK\u212A", []string{"k", "K", "\u212A"}},
		{`a{,2}b`, "aab", []string{"aab"}},
		{`\bfoo\b`, "foo food foo", []string{"foo", "foo"}},
		{`.`, "a\nb", []string{"a", "b"}},
		{`(?m:.)`, "a\n", []string{"a", "\n"}},
		{`[[:punct:]\d]`, "a+1b", []string{"+", "1"}},
		{`\x{65E5}|\u00e9`, "\u65E5\u00E9", []string{"\u65E5", "\u00E9"}},
		{`[\]\-a]`, "]-ab", []string{"]", "-", "a"}},
		{`\s+$`, "a \nb ", []string{" ", " "}},
	} {
		p, err := compile(c.pattern)
		require.NoError(t, err, c.pattern)
		var got []string
		text := []rune(c.text)
		for _, m := range p.matches(text) {
			got = append(got, string(text[m.start:m.end]))
		}
		require.Equal(t, c.want, got, c.pattern)
	}
	for _, bad := range []string{`(a`, `a)`, `[a`, `\p{Foo}`, `\p{L`, `(?~a)`, `\X`, `*a`, `[b-a]`, `\`, `\k<a>`, `[[:foo:]]`} {
		_, err := compile(bad)
		require.Error(t, err, bad)
	}
}
