package predict_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// bestSpan is the rule of transformers' question-answering pipeline, written out over all pairs: softmax over context and
// [CLS], start not behind end, at most most tokens.
func bestSpan(enc *tokenizer.Encoding, start, end []float32, most int) (s, e int, probability, none float64) {
	sum := [2]float64{}
	share := func(x []float32, i int) float64 { return math.Exp(float64(x[i])) }
	inside := func(i int) bool { return enc.SequenceIDs[i] == 1 }
	for i := range enc.IDs {
		if inside(i) || i == 0 {
			sum[0] += share(start, i)
			sum[1] += share(end, i)
		}
	}
	for i := range enc.IDs {
		for j := range enc.IDs {
			if p := share(start, i) * share(end, j) / sum[0] / sum[1]; inside(i) && inside(j) && i <= j && j-i < most && p > probability {
				s, e, probability = i, j, p
			}
		}
	}
	return s, e, probability, share(start, 0) * share(end, 0) / sum[0] / sum[1]
}

// questions have contexts of several lengths.
func questionsOf(contexts []string) (out []predict.Question) {
	for i, text := range contexts {
		out = append(out, predict.Question{Question: "which number" + strings.Repeat(" is", i) + "?", Context: text})
	}
	return out
}

func TestAnswers(t *testing.T) {
	golden.OnGo(t)
	for name, c := range map[string][2]string{
		"bert":    {bert("BertForQuestionAnswering", ""), "wordpiece"},
		"roberta": {`{"model_type": "roberta", "architectures": ["RobertaForQuestionAnswering"], "pad_token_id": 1, "type_vocab_size": 1, ` + sizes + `}`, "roberta"},
		"prompt":  {bert("BertForQuestionAnswering", ""), "wordpiece"},
	} {
		t.Run(name, func(t *testing.T) {
			var special map[string]string
			if name == "roberta" {
				special = map[string]string{"tokenizer_config.json": `{"cls_token": "<s>", "pad_token": "<pad>"}`}
			}
			a, sel, virtual := open(t, c[0], c[1], special), peft.Base(), 0
			if name == "prompt" {
				require.NoError(t, a.Attach("it", &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}))
				sel, virtual = peft.Use("it"), 3
			}
			questions := questionsOf(append([]string{"ünder 日本 the Unsurrounded bytearrays of it"}, texts...))
			for _, o := range []predict.Options{{BatchSize: 3}, {MaxAnswer: 2}, {NoAnswer: true}} {
				p, err := predict.New(a, o)
				require.NoError(t, err)
				got, err := p.Answers(t.Context(), sel, questions)
				require.NoError(t, err)
				for i, q := range questions {
					enc := encoded(t, a, q.Question, q.Context)
					start := alone(t, a, sel, "start_logits", q.Question, q.Context)[virtual:]
					end := alone(t, a, sel, "end_logits", q.Question, q.Context)[virtual:]
					most := 15
					if o.MaxAnswer > 0 {
						most = o.MaxAnswer
					}
					s, e, probability, none := bestSpan(enc, start, end, most)
					if o.NoAnswer && none > probability {
						require.Empty(t, got[i].Text)
						require.InDelta(t, none, got[i].Probability, tolerance)
						continue
					}
					require.InDelta(t, probability, got[i].Probability, tolerance)
					for s > 0 && enc.WordIDs[s-1] == enc.WordIDs[s] && enc.SequenceIDs[s-1] == 1 {
						s--
					}
					for enc.WordIDs[e+1] == enc.WordIDs[e] {
						e++
					}
					require.Equal(t, strings.TrimSpace(q.Context[enc.ByteOffsets[s][0]:enc.ByteOffsets[e][1]]), got[i].Text)
					require.Equal(t, got[i].Text, q.Context[got[i].From:got[i].To])
					require.Equal(t, got[i].Text, string([]rune(q.Context)[got[i].Start:got[i].End]))
				}
			}
		})
	}
}

// The context is cut into pieces that overlap; the best answer of any counts, and none only where no piece says so less.
func TestAnswersInLongContexts(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForQuestionAnswering", ""), "wordpiece", nil)
	words := strings.Fields("the number is an object to be given by the string of bytes and")
	// [CLS] which number [SEP] and the last [SEP] leave 6 of 11 tokens to the context.
	q := predict.Question{Question: "the number", Context: strings.Join(words, " ")}
	p, err := predict.New(a, predict.Options{MaxLength: 11, Stride: 2, MaxAnswer: 3})
	require.NoError(t, err)
	got, err := p.Answers(t.Context(), peft.Base(), []predict.Question{q})
	require.NoError(t, err)
	best, text, none := 0.0, "", 1.0
	for from := 0; from+2 < len(words); from += 4 {
		part := strings.Join(words[from:min(from+6, len(words))], " ")
		enc := encoded(t, a, q.Question, part)
		s, e, probability, no := bestSpan(enc, alone(t, a, peft.Base(), "start_logits", q.Question, part), alone(t, a, peft.Base(), "end_logits", q.Question, part), 3)
		if none = min(none, no); probability > best {
			best, text = probability, part[enc.ByteOffsets[s][0]:enc.ByteOffsets[e][1]]
		}
	}
	require.Equal(t, text, got[0].Text)
	require.InDelta(t, best, got[0].Probability, tolerance)
	require.Equal(t, text, q.Context[got[0].From:got[0].To])

	p, err = predict.New(a, predict.Options{MaxLength: 11, Stride: 2, MaxAnswer: 3, NoAnswer: true})
	require.NoError(t, err)
	got, err = p.Answers(t.Context(), peft.Base(), []predict.Question{q})
	require.NoError(t, err)
	require.InDelta(t, max(best, none), got[0].Probability, tolerance)

	long := predict.Question{Question: strings.Repeat("number ", 9), Context: "the string"}
	_, err = p.Answers(t.Context(), peft.Base(), []predict.Question{q, long})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "input 1")
	_, err = p.Answers(t.Context(), peft.Base(), []predict.Question{{Question: "a"}})
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "questions[0]")
}

// A context without tokens has no answer: an error, unless that is allowed.
func TestAnswersInNothing(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForQuestionAnswering", ""), "wordpiece", nil)
	q := []predict.Question{{Question: "the number", Context: "  "}}
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	_, err = p.Answers(t.Context(), peft.Base(), q)
	require.ErrorIs(t, err, peft.ErrInput)
	p, err = predict.New(a, predict.Options{NoAnswer: true})
	require.NoError(t, err)
	got, err := p.Answers(t.Context(), peft.Base(), q)
	require.NoError(t, err)
	require.Equal(t, []predict.Answer{{Probability: 1}}, got)
}
