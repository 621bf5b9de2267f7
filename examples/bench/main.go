// Bench times training steps, or forward passes, of a backbone of a known size with random weights, and prints one
// JSON line.
//
//	bench -backbone minilm|bert-base|gpt2|llama-160m|llama-1b -method lora|ia3|prefix|prompt|none-forward [-batch 16] [-seq 128] [-steps 12] [-warmup 3] [-dtype bfloat16]
//	bench -backbone … -config FILE.json …
//
// FILE.json is an adapter's config as it stands in adapter_config.json, of any method. Beside this program methods.json has
// one of each method, and methods.py times them all in turns with HF PEFT.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/rss"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/peft/train"
)

// started is as near to the process's start as Go code gets.
var started = time.Now()

// cell is what is measured; its fields are also the line's.
type cell struct {
	Backbone string `json:"backbone"`
	Method   string `json:"method"`
	Batch    int    `json:"batch"`
	Seq      int    `json:"seq"`
	Steps    int    `json:"steps"`
	Warmup   int    `json:"warmup"`
	DType    string `json:"dtype"`
	R        int    `json:"r,omitempty"` // of -method lora
	Engine   string `json:"engine"`

	Config json.RawMessage `json:"config,omitempty"` // what -config holds

	StepMS    float64 `json:"step_ms"` // median
	StepMSMin float64 `json:"step_ms_min"`
	Tokens    float64 `json:"tokens_per_s"`
	PeakRSS   int     `json:"peak_rss_mib"`
	Trainable int     `json:"trainable"`
	Compile   float64 `json:"compile_s"` // from the process's start to the end of the first step
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "bench:", line)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c := cell{R: 8}
	var backend, config string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&c.Backbone, "backbone", "minilm", list(sizes))
	f.StringVar(&c.Method, "method", "lora", list(methods)+" or none-forward")
	f.StringVar(&config, "config", "", "file with an adapter's config as in adapter_config.json, in place of -method")
	f.IntVar(&c.Batch, "batch", 16, "rows of a batch")
	f.IntVar(&c.Seq, "seq", 128, "tokens of a row")
	f.IntVar(&c.Steps, "steps", 12, "steps that are timed")
	f.IntVar(&c.Warmup, "warmup", 3, "steps before")
	f.StringVar(&c.DType, "dtype", "float32", "how frozen values are held: float32 or bfloat16")
	f.StringVar(&backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	if err := f.Parse(args); err != nil {
		return err
	}
	size, ok := sizes[c.Backbone]
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	case !ok:
		return fmt.Errorf("-backbone %q is none of %s", c.Backbone, list(sizes))
	case methods[c.Method] == "" && c.Method != "none-forward":
		return fmt.Errorf("-method %q is none of %s, none-forward", c.Method, list(methods))
	case c.Batch < 1 || c.Seq < 1 || c.Steps < 1 || c.Warmup < 1:
		return fmt.Errorf("-batch, -seq, -steps and -warmup must be at least 1")
	}
	if config != "" {
		if err := c.read(config, f); err != nil {
			return err
		}
	}
	backbone, err := models.Random([]byte(size.config), models.Backend(backend), models.DType(c.DType))
	if err != nil {
		return err
	}
	if hint := backbone.Engine().SpeedHint(); hint != "" {
		fmt.Fprintln(os.Stderr, "bench:", hint)
	}
	c.Engine = "gopeft " + backbone.Engine().Name()
	measure := trainSteps
	if c.Method == "none-forward" {
		measure = forwardPasses
	}
	times, err := measure(ctx, backbone, &c)
	if err != nil {
		return err
	}
	slices.Sort(times)
	n := len(times)
	c.StepMS, c.StepMSMin = (times[(n-1)/2]+times[n/2])/2, times[0]
	c.Tokens = float64(c.Batch*c.Seq) / c.StepMS * 1e3
	c.PeakRSS = int(rss.Peak())
	return json.NewEncoder(out).Encode(c)
}

// batch is one of random words; its labels are random classes, or for a language model the words themselves.
func (c *cell) batch() data.Batch {
	rnd := rand.New(rand.NewPCG(1, 2))
	ids, mask, classes := make([]int32, c.Batch*c.Seq), make([]int32, c.Batch*c.Seq), make([]int32, c.Batch)
	for i := range ids {
		ids[i], mask[i] = 5+rnd.Int32N(29995), 1
	}
	for i := range classes {
		classes[i] = rnd.Int32N(2)
	}
	labels := tensors.FromFlatDataAndDimensions(classes, c.Batch)
	if sizes[c.Backbone].task == languageModel {
		labels = tensors.FromFlatDataAndDimensions(ids, c.Batch, c.Seq)
	}
	return data.Batch{Rows: c.Batch, Tokens: len(ids), Tensors: peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(ids, c.Batch, c.Seq),
		"attention_mask": tensors.FromFlatDataAndDimensions(mask, c.Batch, c.Seq),
		"labels":         labels,
	}}
}

// clock notes when steps end.
type clock struct {
	*cell
	last  time.Time
	done  int
	times []float64 // milliseconds
}

func (k *clock) tick() {
	now := time.Now()
	if k.done++; k.done == 1 {
		k.Compile = now.Sub(started).Seconds()
	}
	if k.done > k.Warmup {
		k.times = append(k.times, float64(now.Sub(k.last).Microseconds())/1e3)
	}
	k.last = now
}

// trainSteps times whole steps: forward, backward, AdamW.
func trainSteps(ctx context.Context, b *peft.Backbone, c *cell) ([]float64, error) {
	cfg, err := c.adapter()
	if err != nil {
		return nil, err
	}
	source := data.Fixed{Batch: c.batch()}
	var opts []peft.Option
	if peft.NeedsData(cfg) {
		opts = append(opts, peft.Calibrate(ctx, data.Take(source, 1)))
	}
	adapted, err := peft.Attach(b, "bench", cfg, opts...)
	if err != nil {
		return nil, err
	}
	c.Trainable = adapted.NumTrainable()
	k := &clock{cell: c}
	trainer, err := train.New(adapted, train.Options{
		Optimizer: optim.AdamW{LR: 1e-4}, Schedule: optim.Constant{}, MaxGradNorm: optim.Zero, Steps: c.Warmup + c.Steps,
		OnStep: func(train.Step) error { k.tick(); return nil },
	})
	if err != nil {
		return nil, err
	}
	_, err = trainer.FitSource(ctx, source)
	return k.times, err
}

// forwardPasses times the bare backbone's loss, dropout on, as a model in training mode without gradients.
func forwardPasses(ctx context.Context, b *peft.Backbone, c *cell) ([]float64, error) {
	k := &clock{cell: c}
	adapted, batch := peft.New(b), c.batch().Tensors
	p := peft.Program{Key: "bench", Training: true, Build: func(call *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{call.Loss(call.Forward(in))}
	}}
	state := peft.RandomState(1)
	for range c.Warmup + c.Steps {
		out, err := adapted.Run(ctx, p, peft.Base(), batch, []*peft.Tensor{state}, nil)
		if err != nil {
			return nil, err
		}
		out[0].MustConstFlatData(func(any) {})
		state = out[1]
		k.tick()
	}
	return k.times, nil
}
