// Generate writes text with a language model, with or without adapters.
//
//	generate -backbone DIR [-adapter DIR]… (-prompt TEXT | -ids FILE.json) [-max-new-tokens N] [-temperature F] [-top-k K]
//		[-top-p P] [-min-p P] [-repetition-penalty F] [-no-repeat-ngram N] [-beams K] [-length-penalty F] [-early-stopping]
//		[-seed S] [-merge] [-backend NAME] [-out OUT.json]
//
// Without a temperature it is greedy. The text behind a prompt is printed as it comes. FILE holds input_ids and perhaps
// attention_mask, eos_token_id and pad_token_id; OUT gets {"sequences": [[…], …]} as transformers returns them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// options are the command line.
type options struct {
	backbone, backend, prompt, ids, out string
	adapters                            []string
	merge                               bool
	text                                generate.Options
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "generate:", line)
		os.Exit(1)
	}
}

const usage = "usage: generate -backbone DIR [-adapter DIR]... (-prompt TEXT | -ids FILE.json) [-max-new-tokens N] [-temperature F] " +
	"[-top-k K] [-top-p P] [-min-p P] [-repetition-penalty F] [-no-repeat-ngram N] [-beams K] [-length-penalty F] [-early-stopping] " +
	"[-seed S] [-merge] [-backend NAME] [-out OUT.json]"

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("generate", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is one line, which main prints
	f.StringVar(&o.backbone, "backbone", "", "a transformers checkpoint `folder`")
	f.StringVar(&o.backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	f.Func("adapter", "an adapter's `folder`; may be given several times", func(dir string) error {
		o.adapters = append(o.adapters, dir)
		return nil
	})
	f.StringVar(&o.prompt, "prompt", "", "the `text` to go on with")
	f.StringVar(&o.ids, "ids", "", "a JSON `file` with prompts as ids")
	f.StringVar(&o.out, "out", "", "the JSON `file` to write the sequences to")
	f.BoolVar(&o.merge, "merge", false, "fold the adapters into the weights first")
	t := &o.text
	f.IntVar(&t.MaxNewTokens, "max-new-tokens", 0, "how many tokens to write at most (default the folder's, else 20)")
	f.Float64Var(&t.Temperature, "temperature", 0, "divides the scores of a sampled token; 0 takes the best one")
	f.IntVar(&t.TopK, "top-k", 0, "sample from so many of the best tokens; 0 is all")
	f.Float64Var(&t.TopP, "top-p", 0, "sample from the best tokens with this probability together")
	f.Float64Var(&t.MinP, "min-p", 0, "sample from tokens with this share of the best one's probability")
	f.Float64Var(&t.RepetitionPenalty, "repetition-penalty", 0, "how much less likely tokens are that have occurred")
	f.IntVar(&t.NoRepeatNGram, "no-repeat-ngram", 0, "let no sequence of so many tokens occur twice")
	f.IntVar(&t.Beams, "beams", 0, "width of beam search")
	f.Func("length-penalty", "power of the length that divides a beam's score", func(v string) error {
		penalty, err := strconv.ParseFloat(v, 64)
		t.LengthPenalty = optim.Exactly(penalty) // 0 is none
		return err
	})
	f.BoolFunc("early-stopping", "end beam search once there are as many rows as beams", func(v string) error {
		if v == "true" {
			t.EarlyStopping = generate.StopWhenFull
		}
		return nil
	})
	f.Uint64Var(&t.Seed, "seed", 0, "seed of what is drawn")
	if err := f.Parse(args); err != nil {
		return nil, fmt.Errorf("%w; %s", err, usage)
	}
	switch {
	case f.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.backbone == "" || (o.prompt == "") == (o.ids == ""):
		return nil, fmt.Errorf("-backbone and one of -prompt and -ids are needed; %s", usage)
	case o.merge && len(o.adapters) == 0:
		return nil, fmt.Errorf("-merge needs an -adapter")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	var batch generate.Batch
	if o.ids != "" {
		if batch, err = readIDs(o.ids, &o.text); err != nil {
			return err
		}
	}
	adapted, sel, err := open(ctx, o)
	if err != nil {
		return err
	}
	g, err := generate.New(adapted, o.text)
	if err != nil {
		return err
	}
	out := &generate.Result{}
	if o.ids != "" {
		out, err = g.Generate(ctx, sel, batch)
	} else {
		out, err = write(ctx, g, sel, o.prompt)
	}
	if err != nil {
		return err
	}
	return save(o, out)
}

// open loads the backbone and its adapters, and says which of them act.
func open(ctx context.Context, o *options) (*peft.Adapted, peft.Selection, error) {
	first := ""
	if len(o.adapters) > 0 {
		first = o.adapters[0]
	}
	backbone, err := models.LoadFor(o.backbone, first, models.Backend(o.backend))
	if err != nil {
		return nil, peft.Base(), err
	}
	adapted := peft.New(backbone)
	sel, err := adapted.LoadAll(o.adapters)
	if err != nil || !o.merge {
		return adapted, sel, err
	}
	merged, err := adapted.Merge(ctx, sel)
	if err != nil {
		return nil, peft.Base(), err
	}
	return peft.New(merged), peft.Base(), nil
}

// write prints the text behind a prompt as it comes.
func write(ctx context.Context, g *generate.Generator, sel peft.Selection, prompt string) (*generate.Result, error) {
	batch, err := g.Encode(prompt)
	if err != nil {
		return nil, err
	}
	if g.Options().Beams > 1 { // the best row is known at the end only
		out, err := g.Generate(ctx, sel, batch)
		if err != nil {
			return nil, err
		}
		texts, err := g.Decode(out.New())
		if err != nil {
			return nil, err
		}
		fmt.Println(strings.Join(texts, "\n"))
		return out, nil
	}
	pieces, err := g.Pieces()
	if err != nil {
		return nil, err
	}
	out, err := g.GenerateEach(ctx, sel, batch, func(tokens []int32) error {
		_, err := fmt.Print(pieces.Push(tokens[0]))
		return err
	})
	fmt.Println(pieces.Flush())
	return out, err
}
