// Bench times training steps, or forward passes, of a backbone of a known size with random weights, and prints one
// JSON line.
//
//	bench -backbone minilm|bert-base -method lora|prefix|prompt|none-forward [-batch 16] [-seq 128] [-steps 12] [-warmup 3] [-dtype bfloat16]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// started is as near to the process's start as Go code gets.
var started = time.Now()

// sizes are the backbones' configs; what they leave out is transformers' default.
var sizes = map[string]string{
	"minilm": `{"model_type":"bert","architectures":["BertForSequenceClassification"],"hidden_size":384,` +
		`"num_hidden_layers":6,"num_attention_heads":12,"intermediate_size":1536,"num_labels":2}`,
	"bert-base": `{"model_type":"bert","architectures":["BertForSequenceClassification"],"num_labels":2}`,
}

// cell is what is measured; its fields are also the line's.
type cell struct {
	Backbone string `json:"backbone"`
	Method   string `json:"method"`
	Batch    int    `json:"batch"`
	Seq      int    `json:"seq"`
	Steps    int    `json:"steps"`
	Warmup   int    `json:"warmup"`
	DType    string `json:"dtype"`
	R        int    `json:"r"`
	Engine   string `json:"engine"`

	StepMS    float64 `json:"step_ms"` // median
	StepMSMin float64 `json:"step_ms_min"`
	Tokens    float64 `json:"tokens_per_s"`
	PeakRSS   int     `json:"peak_rss_mib"`
	Trainable int     `json:"trainable"`
	Compile   float64 `json:"compile_s"` // from the process's start to the end of the first step
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintln(os.Stderr, "bench:", line)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c := cell{R: 8}
	var backend string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&c.Backbone, "backbone", "minilm", "minilm or bert-base")
	f.StringVar(&c.Method, "method", "lora", "lora, prefix, prompt or none-forward")
	f.IntVar(&c.Batch, "batch", 16, "rows of a batch")
	f.IntVar(&c.Seq, "seq", 128, "tokens of a row")
	f.IntVar(&c.Steps, "steps", 12, "steps that are timed")
	f.IntVar(&c.Warmup, "warmup", 3, "steps before")
	f.StringVar(&c.DType, "dtype", "float32", "how frozen values are held: float32 or bfloat16")
	f.StringVar(&backend, "backend", "", "engine: go, xla:cpu, xla:cuda or a plugin's path (default GOMLX_BACKEND, else go)")
	if err := f.Parse(args); err != nil {
		return err
	}
	config, ok := sizes[c.Backbone]
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	case !ok:
		return fmt.Errorf("-backbone %q is none of bert-base, minilm", c.Backbone)
	case c.Method != "none-forward" && c.config() == nil:
		return fmt.Errorf("-method %q is none of lora, prefix, prompt, none-forward", c.Method)
	case c.Batch < 1 || c.Seq < 1 || c.Steps < 1 || c.Warmup < 1:
		return fmt.Errorf("-batch, -seq, -steps and -warmup must be at least 1")
	}
	backbone, err := models.Random([]byte(config), models.Backend(backend), models.DType(c.DType))
	if err != nil {
		return err
	}
	if hint := peft.SpeedHint(backbone.Engine()); hint != "" {
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
	c.PeakRSS = int(train.PeakRSS())
	return json.NewEncoder(os.Stdout).Encode(c)
}

// config is the method's, nil for one that is not known: LoRA on query and value, 16 virtual tokens.
func (c *cell) config() peft.Config {
	virtual := prompt.Virtual{Tokens: 16}
	switch c.Method {
	case "lora":
		return &lora.Config{R: c.R, Alpha: 16, Targets: peft.Match("query", "value")}
	case "prefix":
		return &prefix.Config{Virtual: virtual}
	case "prompt":
		return &tuning.Config{Virtual: virtual}
	}
	return nil
}

// batch is one of random words with random classes.
func (c *cell) batch() data.Batch {
	rnd := rand.New(rand.NewPCG(1, 2))
	ids, mask, labels := make([]int32, c.Batch*c.Seq), make([]int32, c.Batch*c.Seq), make([]int32, c.Batch)
	for i := range ids {
		ids[i], mask[i] = 5+rnd.Int32N(29995), 1
	}
	for i := range labels {
		labels[i] = rnd.Int32N(2)
	}
	return data.Batch{Rows: c.Batch, Tokens: len(ids), Tensors: peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(ids, c.Batch, c.Seq),
		"attention_mask": tensors.FromFlatDataAndDimensions(mask, c.Batch, c.Seq),
		"labels":         tensors.FromFlatDataAndDimensions(labels, c.Batch),
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
	cfg := c.config()
	cfg.Shared().TaskType = "SEQ_CLS"
	adapted, err := peft.Attach(b, "bench", cfg)
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
	_, err = trainer.FitSource(ctx, data.Fixed{Batch: c.batch()})
	return k.times, err
}

// forwardPasses times the bare backbone's loss, dropout on, as a model in training mode without gradients.
func forwardPasses(ctx context.Context, b *peft.Backbone, c *cell) ([]float64, error) {
	k := &clock{cell: c}
	adapted, batch := peft.New(b), c.batch().Tensors
	p := peft.Program{Key: "bench", Training: true, Build: func(call *peft.Call, in peft.Nodes, _ []*peft.Node) []*peft.Node {
		return []*peft.Node{call.Loss(call.Forward(in))}
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
