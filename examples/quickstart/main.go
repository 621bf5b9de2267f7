// Quickstart trains a LoRA adapter from nothing but this program: an embedded small BERT and an embedded set of help-desk
// sentences. It shows what pretraining is worth (the same network with random weights learns beside it), saves the
// adapter, loads it again and merges it.
//
//	quickstart                                  the embedded backbone and data
//	quickstart -export DIR                      write them out: a transformers folder, train.jsonl, eval.jsonl
//	quickstart -backbone DIR                    a real backbone
//	quickstart -train FILE.jsonl -eval FILE.jsonl   data of your own: lines of {"text": …, "label": …}
//
// The adapter and the learning curve land in quickstart-out, or where -out says.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	screen := term.IsTerminal(int(os.Stdout.Fd()))
	if err := run(ctx, os.Args[1:], os.Stdout, screen); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "quickstart:", line)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	export, backbone, train, eval, out, backend string
	epochs                                      int
}

// parse reads the flags. With -h it prints them to w and gives flag.ErrHelp.
func parse(args []string, w io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is one line, without the list of flags
	f.StringVar(&s.export, "export", "", "write the embedded backbone and data into this folder, and stop")
	f.StringVar(&s.backbone, "backbone", "", "a transformers folder in place of the embedded backbone")
	f.StringVar(&s.train, "train", "", "JSON lines to train on, in place of the embedded ones")
	f.StringVar(&s.eval, "eval", "", "JSON lines to evaluate on")
	f.StringVar(&s.out, "out", "quickstart-out", "folder for the adapter and the learning curve")
	f.StringVar(&s.backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	f.IntVar(&s.epochs, "epochs", 2, "times through the training sentences")
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(w)
		f.PrintDefaults()
		return s, err
	case err != nil:
		return s, err
	case f.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case (s.train == "") != (s.eval == ""):
		return s, fmt.Errorf("-train and -eval go together")
	case s.epochs < 1:
		return s, fmt.Errorf("-epochs must be at least 1, is %d", s.epochs)
	}
	return s, nil
}

// run is the program; screen says that w is a terminal, on which a bar may move.
func run(ctx context.Context, args []string, w io.Writer, screen bool) error {
	began := time.Now()
	s, err := parse(args, w)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.export != "" {
		if err := sample.Export(s.export); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "wrote a backbone, %s and %s to %s\n", sample.TrainFile, sample.EvalFile, s.export)
		return err
	}
	m, err := open(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil { // better now than after training
		return err
	}
	m.introduce(w)

	// The same adapter, data and steps on two backbones that differ in their weights only.
	random, err := models.Random(m.backbone.Origin().Config, models.On(m.backbone.Engine()), models.HeadSeed(seed))
	if err != nil {
		return err
	}
	var curves []curve
	var adapted *peft.Adapted
	for _, c := range []struct {
		name     string
		backbone *peft.Backbone
	}{{"random weights", random}, {"pretrained", m.backbone}} {
		if adapted, err = peft.Attach(c.backbone, "intents", m.lora(), peft.Seed(seed)); err != nil {
			return err
		}
		got, err := m.learn(ctx, adapted, c.name, newProgress(w, screen, c.name))
		if err != nil {
			return err
		}
		curves = append(curves, *got)
	}
	m.compare(w, curves[1], curves[0], adapted)
	if err := m.keep(ctx, w, adapted, s.out); err != nil {
		return err
	}
	picture := filepath.Join(s.out, "learning-curve.png")
	if err := draw(picture, curves); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "learning curve  %s\n%.0f s in all\n", picture, time.Since(began).Seconds())
	return err
}
