package predict_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// classifiers are tiny ones of each family, with the tokenizer of its kind.
var classifiers = map[string][2]string{
	"bert":       {bert("BertForSequenceClassification", three), "wordpiece"},
	"distilbert": {`{"model_type": "distilbert", "architectures": ["DistilBertForSequenceClassification"], "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "vocab_size": 700, "max_position_embeddings": 64` + three + `}`, "wordpiece"},
	"roberta":    {`{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "pad_token_id": 1, "type_vocab_size": 1, ` + sizes + three + `}`, "roberta"},
	"bart": {`{"model_type": "bart", "architectures": ["BartForSequenceClassification"], "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
		"decoder_attention_heads": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "vocab_size": 700, "max_position_embeddings": 64, "pad_token_id": 1, "eos_token_id": 2,
		"decoder_start_token_id": 2` + three + `}`, "roberta"},
	"t5": {`{"model_type": "t5", "architectures": ["T5ForSequenceClassification"], "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_heads": 2, "vocab_size": 700,
		"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0` + three + `}`, "unigram"},
	"gpt2": {`{"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"], "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64, "vocab_size": 700,
		"pad_token_id": 0` + three + `}`, "bytelevel"},
	// No token that pads: one row at a time. Another one than the tokenizer's: rows of one length.
	"llama without padding": {llama(``), "llama2"},
	"llama padded":          {llama(`, "pad_token_id": 2`), "llama2"},
	"llama padded with 600": {llama(`, "pad_token_id": 600`), "llama2"},
}

// endsText names the token that ends a text, by which GPT-2's rows are padded.
var endsText = map[string]string{"tokenizer_config.json": `{"eos_token": "<|endoftext|>"}`}

func llama(more string) string {
	return `{"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], ` + sizes + three + more + `}`
}

// Every family's classes are the softmax of its logits for each text by itself, in the order given, whatever stood beside it
// in a batch.
func TestClasses(t *testing.T) {
	for name, c := range classifiers {
		if golden.Compiles && name != "bert" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			more := endsText
			if c[1] != "bytelevel" {
				more = nil
			}
			a := open(t, c[0], c[1], more)
			p, err := predict.New(a, predict.Options{BatchSize: 3})
			require.NoError(t, err)
			texts := append(slices.Clone(texts), texts[:2]...) // two pairs of one length
			got, err := p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
			require.NoError(t, err)
			require.Len(t, got, len(texts))
			for i, text := range texts {
				same(t, softmax(alone(t, a, peft.Base(), "logits", text)), got[i])
			}
		})
	}
}

// same wants a prediction of these probabilities, of the classes red, green and blue.
func same(t *testing.T, want []float64, got predict.Prediction) {
	t.Helper()
	best := 0
	require.Len(t, got.Scores, 3)
	for j, w := range want {
		require.InDelta(t, w, got.Scores[j].Probability, tolerance)
		require.Equal(t, []string{"red", "green", "blue"}[j], got.Scores[j].Class)
		if w > want[best] {
			best = j
		}
	}
	require.Equal(t, got.Scores[best].Class, got.Class)
	require.Equal(t, best, got.Index)
	require.Equal(t, got.Scores[best].Probability, got.Probability)
}

// Prompts put columns in front of a text, prefixes don't; either way a text's answer is its own. A decoder whose padding a
// prompt hides is asked for texts of one length at a time.
func TestClassesWithPrompts(t *testing.T) {
	golden.OnGo(t)
	for _, name := range []string{"bert", "gpt2"} {
		c := classifiers[name]
		for method, cfg := range map[string]peft.Config{
			"prompt": &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}},
			"prefix": &prefix.Config{Virtual: prompt.Virtual{Tokens: 3}},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				more := endsText
				if c[1] != "bytelevel" {
					more = nil
				}
				a := open(t, c[0], c[1], more)
				require.NoError(t, a.Attach("it", cfg, peft.Seed(5)))
				p, err := predict.New(a, predict.Options{BatchSize: 4})
				require.NoError(t, err)
				got, err := p.Classes(t.Context(), peft.Use("it"), predict.Texts(texts))
				require.NoError(t, err)
				for i, text := range texts {
					same(t, softmax(alone(t, a, peft.Use("it"), "logits", text)), got[i])
				}
			})
		}
	}
}

// A prompt takes positions, so that less of a long text is read.
func TestLongTextWithPrompt(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	require.NoError(t, a.Attach("it", &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}))
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	long := strings.Repeat("the ", 100)
	got, err := p.Classes(t.Context(), peft.Use("it"), predict.Texts{long})
	require.NoError(t, err)
	same(t, softmax(alone(t, a, peft.Use("it"), "logits", long[:4*59])), got[0])
	require.NoError(t, a.Attach("all", &tuning.Config{Virtual: prompt.Virtual{Tokens: 64}}))
	_, err = p.Classes(t.Context(), peft.Use("all"), predict.Texts{long})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "all 64 positions")

	// Lengths to pad to that a prompt leaves no room for are passed over.
	for _, buckets := range [][]int{{16, 64}, {64}} {
		p, err := predict.New(a, predict.Options{Buckets: buckets})
		require.NoError(t, err)
		again, err := p.Classes(t.Context(), peft.Use("it"), predict.Texts{long})
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
}

func TestPairs(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	var pairs predict.Pairs
	for i, text := range texts {
		pairs = append(pairs, predict.Pair{First: text, Second: texts[(i+2)%len(texts)][:1] + " of the numbers"})
	}
	got, err := p.Classes(t.Context(), peft.Base(), pairs)
	require.NoError(t, err)
	for i, pair := range pairs {
		same(t, softmax(alone(t, a, peft.Base(), "logits", pair.First, pair.Second)), got[i])
	}
	_, err = p.Classes(t.Context(), peft.Base(), predict.Pairs{{First: "a", Second: "b"}, {First: "a"}})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "pairs[1]")
}

// Texts beyond MaxLength are cut on the right.
func TestMaxLength(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{MaxLength: 5})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Base(), predict.Texts{"the number is given as a literal", "the number is"})
	require.NoError(t, err)
	require.Equal(t, got[1].Scores, got[0].Scores)
}
