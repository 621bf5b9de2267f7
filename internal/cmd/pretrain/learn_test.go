package main

import (
	"context"
	"io"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

func ints(t *testing.T, x *peft.Tensor) []int32 {
	t.Helper()
	var out []int32
	require.NoError(t, x.ConstFlatData(func(flat any) { out = append(out, flat.([]int32)...) }))
	return out
}

// BERT's masking: 15 % of the tokens are to be guessed, special ones never; 80 % of them are hidden, 10 % another token.
func TestMasking(t *testing.T) {
	c := mustCorpus(t)
	_, tok, err := newFiles(c, 1)
	require.NoError(t, err)
	b := newBatches(c, tok, 16, 1)
	tokens, guessed, hidden, kept := 0, 0, 0, 0
	for range 60 {
		made, err := b.next()
		require.NoError(t, err)
		ids, at, target := ints(t, made.in["input_ids"]), ints(t, made.at), ints(t, made.target)
		for _, m := range ints(t, made.in["attention_mask"]) {
			tokens += int(m)
		}
		tokens -= 2 * 32 // [CLS] and [SEP] of each row
		for i, label := range target {
			if label == arch.IgnoreIndex {
				continue
			}
			require.GreaterOrEqual(t, int(label), len(specials))
			guessed++
			switch ids[at[i]] {
			case tok.Special().Mask:
				hidden++
			case label:
				kept++
			}
		}
	}
	// Five standard deviations of a binomial around the shares.
	near := func(share float64, hits, of int) {
		require.InDelta(t, share, float64(hits)/float64(of), 5*math.Sqrt(share*(1-share)/float64(of)))
	}
	near(0.15, guessed, tokens)
	near(0.8, hidden, guessed)
	near(0.1, kept, guessed)
}

// The sentence objective against its formula in float64.
func TestSentenceLoss(t *testing.T) {
	flat := []float32{1, 2, -1, 0.5, 1, 1, 0.9, 1.7, -0.8, 0, -1, 2}
	engine, err := peft.OpenEngine("go")
	require.NoError(t, err)
	exec, err := graph.NewExec(engine.Backend(), sentenceLoss)
	require.NoError(t, err)
	got, err := exec.Call1(tensors.FromFlatDataAndDimensions(flat, 4, 3))
	require.NoError(t, err)
	loss, err := scalar(got)
	require.NoError(t, err)

	cosine := func(i, j int) float64 {
		dot, a, b := 0.0, 0.0, 0.0
		for k := range 3 {
			x, y := float64(flat[3*i+k]), float64(flat[3*j+k])
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		return dot / math.Sqrt(a*b)
	}
	want := 0.0
	for i := range 2 {
		for _, other := range [][2]float64{{cosine(i, 2), cosine(i, 3)}, {cosine(0, 2+i), cosine(1, 2+i)}} {
			sum := math.Exp(other[0]/temperature) + math.Exp(other[1]/temperature)
			want -= (other[i]/temperature - math.Log(sum)) / 4
		}
	}
	require.InDelta(t, want, loss, 1e-5)
}

// The masked-LM loss while learning is the one that the written checkpoint has as a BertForMaskedLM, whose head and loss
// are held to transformers elsewhere; the weights are rounded to bfloat16 in between. Two runs write the same bytes.
func TestLearnAndWrite(t *testing.T) {
	ctx := context.Background()
	c := mustCorpus(t)
	files, tok, err := newFiles(c, 3)
	require.NoError(t, err)
	b := newBatches(c, tok, 2, 3)
	made, err := b.next()
	require.NoError(t, err)
	engine, err := peft.OpenEngine("go") // tensors belong to one engine
	require.NoError(t, err)
	fresh := func() *learner {
		backbone, err := models.Random(files.plain, models.Head(""), models.HeadSeed(3), models.On(engine))
		require.NoError(t, err)
		l, err := newLearner(backbone, 3)
		require.NoError(t, err)
		return l
	}
	l := fresh()
	dir := t.TempDir()
	first := 0.0
	for step := range 4 {
		if step == 3 {
			files.config = files.plain // forward has no dropout either way
			require.NoError(t, files.write(dir, l.result()))
		}
		words, sentences, err := l.learn(ctx, made, 1e-3)
		require.NoError(t, err)
		require.Positive(t, sentences)
		if step == 0 {
			first = words
			require.InDelta(t, math.Log(float64(tok.VocabSize())), words, 0.5) // as good as guessing
		}
		if step == 3 {
			require.Less(t, words, first)
			require.InDelta(t, words, checkpointLoss(t, engine, dir, made), 0.02)
		}
	}
	again := fresh()
	for range 4 {
		_, _, err := again.learn(ctx, made, 1e-3)
		require.NoError(t, err)
	}
	for name, x := range l.result() {
		require.True(t, x.Equal(again.result()[name]), name)
	}
	require.Len(t, l.result(), 5+5+16*4+2) // embeddings, head, layers, pooler
}

// The embedded backbone is a whole masked-LM: on text of another seed it guesses hidden words far better than who knows
// how frequent they are there, by cross-entropy.
func TestSampleGuessesHiddenWords(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, sample.Export(dir))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	made, err := newBatches(mustCorpus(t), tok, dialogues, defaults.seed+1).next()
	require.NoError(t, err)
	count, total := map[int32]float64{}, 0.0
	for _, id := range ints(t, made.target) {
		if id != arch.IgnoreIndex {
			count[id]++
			total++
		}
	}
	frequency := 0.0
	for _, n := range count {
		frequency -= n / total * math.Log(n/total)
	}
	engine, err := peft.OpenEngine("")
	require.NoError(t, err)
	loss := checkpointLoss(t, engine, dir, made)
	t.Logf("%.2f nats a word, by frequency %.2f", loss, frequency)
	require.Less(t, loss, frequency-0.5)
}

// checkpointLoss is the loss of the folder's own head.
func checkpointLoss(t *testing.T, engine *peft.Engine, dir string, b *batch) float64 {
	t.Helper()
	backbone, err := models.Load(dir, models.On(engine))
	require.NoError(t, err)
	require.Equal(t, "masked-lm", backbone.Info().Head)
	ids := b.in["input_ids"].Shape()
	labels := make([]int32, ids.Size())
	for i := range labels {
		labels[i] = arch.IgnoreIndex
	}
	target := ints(t, b.target)
	for i, at := range ints(t, b.at) {
		if target[i] != arch.IgnoreIndex {
			labels[at] = target[i]
		}
	}
	in := peft.Tensors{"labels": tensors.FromFlatDataAndDimensions(labels, ids.Dimensions...)}
	for name, x := range b.in {
		in[name] = x
	}
	out, err := backbone.Forward(context.Background(), in)
	require.NoError(t, err)
	loss, err := scalar(out["loss"])
	require.NoError(t, err)
	return loss
}

func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := defaults
	o.out, o.backend = t.TempDir(), "go"
	require.ErrorIs(t, run(ctx, o, io.Discard), context.Canceled)
	o.backend = "nonsense"
	require.ErrorContains(t, run(context.Background(), o, io.Discard), "nonsense")
}
