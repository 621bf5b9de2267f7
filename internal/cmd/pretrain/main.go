// Pretrain makes the backbone of package internal/sample: a small uncased BERT, from random weights, on text that this
// program writes itself.
//
//	go run ./internal/cmd/pretrain -backend xla:cpu -out internal/sample/files
//
// The text comes from the rules in the folder text: dialogues of short turns, each dialogue about one matter of a help
// desk or of everyday life. They give the words of a WordPiece vocabulary and two objectives: to guess hidden words
// (masked LM, as in BERT), and to find the other turn of a dialogue. One seed gives one text and, on one engine and
// machine, one result.
//
// It writes config.json, tokenizer.json, tokenizer_config.json and, in bfloat16, model.safetensors.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
)

// options are the flags.
type options struct {
	out, backend string
	steps        int
	rate         float64
	seed         uint64
}

// defaults are those of the run that made the sample.
var defaults = options{out: "pretrained", steps: 4000, rate: 2e-3, seed: 1}

func main() {
	o := defaults
	flag.StringVar(&o.out, "out", o.out, "folder to write")
	flag.StringVar(&o.backend, "backend", o.backend, "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	flag.IntVar(&o.steps, "steps", o.steps, "training steps of 64 turns")
	flag.Float64Var(&o.rate, "lr", o.rate, "highest learning rate")
	flag.Uint64Var(&o.seed, "seed", o.seed, "of text, weights and masks")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pretrain:", err)
		os.Exit(1)
	}
}

// run pretrains and writes the folder; w gets a line now and then.
func run(ctx context.Context, o options, w io.Writer) error {
	c, err := newCorpus()
	if err != nil {
		return err
	}
	files, tok, err := newFiles(c, o.seed)
	if err != nil {
		return err
	}
	backbone, err := models.Random(files.plain, models.Head(""), models.HeadSeed(o.seed), models.Backend(o.backend))
	if err != nil {
		return err
	}
	l, err := newLearner(backbone, o.seed)
	if err != nil {
		return err
	}
	source := newBatches(c, tok, dialogues, o.seed)
	course := optim.Cosine{Warmup: 0.05}
	fmt.Fprintf(w, "%d scenes, %d tokens, %d weights\n", len(c.scenes), tok.VocabSize(), l.adapter.NumTrainable())
	began := time.Now()
	for l.step < o.steps {
		b, err := source.next()
		if err != nil {
			return err
		}
		words, sentences, err := l.learn(ctx, b, o.rate*course.Factor(l.step, o.steps))
		if err != nil {
			return fmt.Errorf("step %d: %w", l.step+1, err)
		}
		if l.step%100 == 0 || l.step == o.steps {
			fmt.Fprintf(w, "step %d/%d  words %.3f  sentences %.3f  %.0f s\n", l.step, o.steps, words, sentences, time.Since(began).Seconds())
		}
	}
	return files.write(o.out, l.result())
}

// vocabulary trains the tokenizer's vocabulary on text of its own.
func vocabulary(c *corpus, seed uint64) []string {
	const turns, size = 100_000, 4000
	r := random(seed, vocabularyStream)
	counts := map[string]int{}
	for range turns / 2 {
		one, other := c.dialogue(r, r.IntN(len(c.scenes)))
		countWords(counts, one)
		countWords(counts, other)
	}
	return trainVocab(counts, size)
}

func newFiles(c *corpus, seed uint64) (*checkpoint, tokenizer.Tokenizer, error) {
	vocab := vocabulary(c, seed)
	raw, err := tokenizerJSON(vocab)
	if err != nil {
		return nil, nil, err
	}
	tok, err := tokenizer.FromBytes(raw)
	if err != nil {
		return nil, nil, err
	}
	out := &checkpoint{tokenizer: raw}
	if out.plain, err = config(len(vocab), 0); err != nil {
		return nil, nil, err
	}
	out.config, err = config(len(vocab), 0.1)
	return out, tok, err
}
