package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// The words of the example of Sennrich et al. 2016, with merges counted by hand: "er" is there 9 times, then "lo" and
// "ow" 7 times, of which "ow" is first in byte order, then "low".
func TestVocabularyOfThePapersExample(t *testing.T) {
	counts := map[string]int{"low": 5, "lowest": 2, "newer": 6, "wider": 3}
	vocab := trainVocab(counts, 1<<20)
	bare := trainVocab(nil, 1<<20)
	require.Equal(t, bare, vocab[:len(bare)])
	require.Equal(t, []string{"##er", "##ow", "low"}, vocab[len(bare):len(bare)+3])
	require.Contains(t, vocab, "newer")
	require.Contains(t, vocab, "lowest")
	require.Len(t, trainVocab(counts, len(bare)+2), len(bare)+2)
}

func TestCountWords(t *testing.T) {
	counts := map[string]int{}
	countWords(counts, "I don't know 42-7, I DO.")
	require.Equal(t, map[string]int{"i": 2, "don": 1, "'": 1, "t": 1, "know": 1, "42": 1, "-": 1, "7": 1, ",": 1, "do": 1, ".": 1}, counts)
}

// The tokenizer knows the words of the text whole, and has pieces for every other.
func TestTokenizer(t *testing.T) {
	raw, err := tokenizerJSON(vocabulary(mustCorpus(t), defaults.seed))
	require.NoError(t, err)
	tok, err := tokenizer.FromBytes(raw)
	require.NoError(t, err)
	require.Equal(t, 4000, tok.VocabSize())
	enc, err := tok.Encode("Where's my PARCEL? xylophone", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"[CLS]", "where", "'", "s", "my", "parcel", "?"}, enc.Tokens()[:7])
	require.NotContains(t, enc.Tokens(), "[UNK]")
	require.Equal(t, "[SEP]", enc.Token(enc.Len()-1))
	require.Equal(t, "where ' s my parcel? xylophone", tok.Decode(enc.IDs, true))
}
