// Infer runs a backbone, with or without adapters, on tensors from a file.
//
//	infer -backbone DIR [-adapter DIR]… [-compose EXPR] [-merge] [-grad] [-init FILE] [-seed N] -in IN.safetensors -out OUT.safetensors
//
// IN holds forward's arguments under their names in transformers; OUT gets forward's outputs, and with -grad the
// gradient of the loss for every trainable tensor as grad.KEY.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// options are the command line.
type options struct {
	backbone, backend, compose, init, in, out string
	adapters                                  []string
	merge, grad                               bool
	seed                                      uint64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "infer:", line)
		os.Exit(1)
	}
}

const usage = "usage: infer -backbone DIR [-adapter DIR]... [-compose EXPR] [-merge] [-grad] [-init FILE] [-seed N] [-backend NAME] " +
	"-in IN.safetensors -out OUT.safetensors"

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("infer", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is one line, which main prints
	f.StringVar(&o.backbone, "backbone", "", "a transformers checkpoint `folder`")
	f.StringVar(&o.backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	f.Func("adapter", "an adapter's `folder`; may be given several times", func(dir string) error {
		o.adapters = append(o.adapters, dir)
		return nil
	})
	f.StringVar(&o.compose, "compose", "", "how adapters act: stack(a,b), average(a:0.3,b:0.7), by their folders' names")
	f.BoolVar(&o.merge, "merge", false, "fold the adapters into the weights first")
	f.BoolVar(&o.grad, "grad", false, "write the gradients of the trainable tensors too")
	f.StringVar(&o.init, "init", "", "a safetensors `file` with starting values for trainable tensors")
	f.Uint64Var(&o.seed, "seed", 0, "seed of a head that the checkpoint lacks")
	f.StringVar(&o.in, "in", "", "a safetensors `file` with forward's arguments")
	f.StringVar(&o.out, "out", "", "the safetensors `file` to write")
	if err := f.Parse(args); err != nil {
		return nil, fmt.Errorf("%w; %s", err, usage)
	}
	switch {
	case f.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.backbone == "" || o.in == "" || o.out == "":
		return nil, fmt.Errorf("-backbone, -in and -out are needed; %s", usage)
	case o.merge && o.grad:
		return nil, fmt.Errorf("-merge leaves nothing to train: it does not go with -grad")
	case len(o.adapters) == 0 && (o.merge || o.grad || o.compose != "" || o.init != ""):
		return nil, fmt.Errorf("-merge, -grad, -compose and -init need an -adapter")
	case o.init != "" && len(o.adapters) > 1:
		return nil, fmt.Errorf("-init is for one adapter, not for %d", len(o.adapters))
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	in, err := peft.ReadTensors(o.in)
	if err != nil {
		return err
	}
	backbone, err := models.LoadFor(o.backbone, first(o.adapters), models.Backend(o.backend), models.HeadSeed(o.seed))
	if err != nil {
		return err
	}
	if hint := backbone.Engine().SpeedHint(); hint != "" {
		fmt.Println(hint)
	}
	adapted := peft.New(backbone)
	sel, err := adapted.LoadAll(o.adapters, peft.Seed(o.seed))
	if err != nil {
		return err
	}
	if err := start(adapted, o); err != nil {
		return err
	}
	for _, name := range adapted.Names() {
		ad, err := adapted.Adapter(name)
		if err != nil {
			return err
		}
		for _, w := range ad.Warnings() {
			fmt.Println("warning:", w)
		}
	}
	if o.compose != "" {
		if sel, err = peft.ParseSelection(o.compose); err != nil {
			return err
		}
	}
	out, err := compute(ctx, adapted, sel, in, o)
	if err != nil {
		return err
	}
	return peft.WriteTensors(o.out, out)
}

func compute(ctx context.Context, adapted *peft.Adapted, sel peft.Selection, in peft.Tensors, o *options) (peft.Tensors, error) {
	switch {
	case o.merge:
		merged, err := adapted.Merge(ctx, sel)
		if err != nil {
			return nil, err
		}
		return merged.Forward(ctx, in)
	case o.grad:
		out, grads, err := adapted.Gradients(ctx, sel, in)
		if err != nil {
			return nil, err
		}
		params, err := adapted.Trainable(sel)
		for i, p := range params {
			key := p.FileKey()
			if o.init != "" {
				key = p.TrainKey()
			}
			out["grad."+key] = grads[i]
		}
		return out, err
	}
	return adapted.Forward(ctx, sel, in)
}

// start puts the only adapter where its training began: the values of a file.
func start(adapted *peft.Adapted, o *options) error {
	if o.init == "" {
		return nil
	}
	values, err := peft.ReadTensors(o.init)
	if err != nil {
		return err
	}
	if err := adapted.StartOver(adapted.Names()[0], values, peft.Seed(o.seed)); err != nil {
		return fmt.Errorf("%s: %w", o.init, err)
	}
	return nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
