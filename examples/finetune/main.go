// Finetune trains an adapter as a recipe says.
//
//	finetune RECIPE.json [-resume]      (or .yaml, the same keys)
//
// It writes adapter/, checkpoints/, metrics.jsonl and summary.json into the recipe's "out" folder. Ctrl-C saves the run
// as it was after its last whole step; -resume goes on from there, or from the newest whole checkpoint after a crash. A
// folder that holds a run already is refused without -resume, unless the recipe says "overwrite": true.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "finetune:", line)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	path, backend, resume, err := parse(args)
	if err != nil {
		return err
	}
	recipe, err := train.ReadRecipe(path)
	if err != nil {
		return err
	}
	job, err := prepare(ctx, recipe, backend)
	if err != nil {
		return err
	}
	job.opts.Resume = resume
	return job.run(ctx)
}

const usage = "usage: finetune RECIPE.json [-resume] [-backend NAME]"

// parse takes flags before and after the recipe.
func parse(args []string) (recipe, backend string, resume bool, err error) {
	f := flag.NewFlagSet("finetune", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is one line, which main prints
	f.StringVar(&backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	f.BoolVar(&resume, "resume", false, "go on from the newest whole checkpoint")
	for rest := args; ; rest = f.Args()[1:] {
		if err := f.Parse(rest); err != nil {
			return "", "", false, fmt.Errorf("%w; %s", err, usage)
		}
		if f.NArg() == 0 {
			break
		}
		if recipe != "" {
			return "", "", false, fmt.Errorf("unexpected argument %q: there is one recipe, %s", f.Arg(0), recipe)
		}
		recipe = f.Arg(0)
	}
	if recipe == "" {
		return "", "", false, errors.New(usage)
	}
	return recipe, backend, resume, nil
}

// job is a recipe with everything opened.
type job struct {
	recipe   *train.Recipe
	opts     train.Options
	adapted  *peft.Adapted
	examples []data.Example
	tensors  data.Source
}

func prepare(ctx context.Context, r *train.Recipe, backend string) (*job, error) {
	j := &job{recipe: r}
	var err error
	if j.opts, err = r.Options(); err != nil {
		return nil, err
	}
	opts := []models.LoadOption{models.Backend(backend), models.DType(r.DType), models.HeadSeed(r.Seed)}
	if r.Task != "" {
		opts = append(opts, models.Head(r.Task))
	}
	asked, err := models.Inspect(r.Backbone, opts...)
	if err != nil {
		return nil, err
	}
	if j.examples, j.tensors, err = read(r.Train, asked.Head); err != nil {
		return nil, err
	}
	if j.opts.Eval, j.opts.EvalSource, err = read(r.Eval, asked.Head); err != nil {
		return nil, err
	}
	backbone, err := j.backbone(asked.Head, opts)
	if err != nil {
		return nil, err
	}
	if hint := backbone.Engine().SpeedHint(); hint != "" {
		fmt.Println(hint)
	}
	j.adapted = peft.New(backbone)
	if err := j.attach(ctx); err != nil {
		return nil, err
	}
	return j, j.warn()
}

// read opens examples or ready tensors, or neither where the recipe names none. A decoder learns from texts alone, too,
// where the recipe names no label.
func read(d train.RecipeData, task string) ([]data.Example, data.Source, error) {
	switch {
	case d.JSONL != "":
		examples, err := data.ReadJSONL(d.JSONL, data.Fields{
			Text: d.Text, Pair: d.TextPair, Label: d.Label, Unlabelled: task == "causal-lm" && d.Label == "",
		})
		return examples, nil, err
	case d.Tensors != "":
		source, err := data.Tensors(d.Tensors)
		return nil, source, err
	}
	return nil, nil, nil
}

// backbone loads the model, asked for a task, with the head that the data need.
func (j *job) backbone(task string, opts []models.LoadOption) (*peft.Backbone, error) {
	r := j.recipe
	if r.Adapter.Load != "" {
		return models.LoadFor(r.Backbone, r.Adapter.Load, opts...)
	}
	if j.examples == nil || task == "seq2seq-lm" || task == "causal-lm" { // whose labels are texts
		return models.Load(r.Backbone, opts...)
	}
	own, err := models.Inspect(r.Backbone)
	if err != nil {
		return nil, err
	}
	switch kind := j.examples[0].Label.Kind(); {
	case kind == data.Integer && own.Head == "sequence-classification":
		return models.Load(r.Backbone, opts...) // indices of the checkpoint's own classes
	case kind == data.Float:
		return models.LoadForClasses(r.Backbone, []string{"LABEL_0"}, opts...)
	}
	names, err := data.Classes(j.examples)
	if err != nil {
		return nil, err
	}
	if len(names) == 1 {
		return nil, fmt.Errorf("%s: all %d examples have the label %q: there must be two classes to tell apart",
			r.Train.JSONL, len(j.examples), names[0])
	}
	return models.LoadForClasses(r.Backbone, names, opts...)
}

// measured is how many batches of the training data a start from data looks at, at most.
const measured = 64

// attach puts the recipe's adapter on the backbone.
func (j *job) attach(ctx context.Context) error {
	spec, opts := j.recipe.Adapter, j.recipe.Adapter.Options(j.recipe.Seed)
	if spec.Load != "" {
		_, err := j.adapted.LoadAs("adapter", spec.Load, opts...)
		return err
	}
	cfg, err := peft.ParseConfig(spec.Config)
	if err != nil {
		return fmt.Errorf("adapter: config: %w", err)
	}
	info := j.adapted.Backbone().Info()
	shared := cfg.Shared()
	if shared.TaskType == "" {
		shared.TaskType = info.TaskType()
	}
	if j.examples != nil {
		shared.Classes = info.Classes
	}
	given := opts
	if peft.NeedsData(cfg) {
		source := j.tensors
		if source == nil {
			if source, err = train.Source(j.adapted.Backbone(), j.opts, j.examples); err != nil {
				return err
			}
		}
		given = append(given, peft.Calibrate(ctx, data.Take(source, min(source.NumBatches(), measured))))
	}
	if err := j.adapted.Attach("adapter", cfg, given...); err != nil || spec.Init == "" {
		return err
	}
	values, err := peft.ReadTensors(spec.Init)
	if err != nil {
		return err
	}
	if err := j.adapted.StartOver("adapter", values, opts...); err != nil {
		return fmt.Errorf("%s: %w", spec.Init, err)
	}
	return nil
}

// warn tells what is allowed about the adapter and probably not meant.
func (j *job) warn() error {
	ad, err := j.adapted.Adapter("adapter")
	if err != nil {
		return err
	}
	for _, w := range ad.Warnings() {
		fmt.Println("warning:", w)
	}
	return nil
}

func (j *job) run(ctx context.Context) error {
	j.opts.OnResume = func(r train.Resumed) error {
		for _, err := range r.Damaged {
			fmt.Fprintln(os.Stderr, "finetune: passed over:", err)
		}
		fmt.Println("resumed from step", r.Step)
		return nil
	}
	j.opts.OnStep = func(s train.Step) error {
		fmt.Printf("step %d/%d  loss %.4f  lr %.2e  %.0f tokens/s\n", s.Step, s.Total, s.Loss, s.LR, s.TokensPerSec)
		return nil
	}
	j.opts.OnEval = func(e train.Evaluation) error {
		fmt.Printf("evaluation at step %d  loss %.4f  %v\n", e.Step, e.Loss, e.Metrics)
		return nil
	}
	trainer, err := train.New(j.adapted, j.opts)
	if err != nil {
		return err
	}
	var report *train.Report
	if j.tensors != nil {
		report, err = trainer.FitSource(ctx, j.tensors)
	} else {
		report, err = trainer.Fit(ctx, j.examples)
	}
	if errors.Is(err, train.ErrOccupied) {
		return fmt.Errorf(`%w; with this program: -resume, or "overwrite": true in the recipe`, err)
	}
	if err == nil && report.Ended != train.Completed {
		fmt.Printf("ended after step %d: %s\n", report.Steps, report.Why)
	}
	return err
}
