package seam_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is the settings of a method of one's own: every output of a linear map is multiplied with a learned factor, as
// (IA)³ does, which stays between 1-bound and 1+bound.
type Config struct {
	seam.Common              // what every adapter_config.json has
	Bound       float64      `json:"bound" default:"0.5"`
	Targets     seam.Targets `json:"target_modules" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType names the method in adapter_config.json.
func (c *Config) PEFTType() string { return "BOUNDED_SCALE" }

// Method checks the settings and makes the method.
func (c *Config) Method() (seam.Method, error) {
	full := seam.WithDefaults(*c)
	if !(full.Bound > 0 && full.Bound < 1) {
		return nil, seam.Fieldf("bound", "must be between 0 and 1, is %v", full.Bound)
	}
	return scale{full}, nil
}

// scale computes y = next(x) (1 + bound tanh v) with a learned v for each output, 0 at first.
type scale struct{ c Config }

// Plan implements seam.Method: one value of the size of the output at each target.
func (m scale) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		return []seam.Param{{Name: "scale_v", Shape: []int{s.Out}}}, nil
	})
}

// GraphKey implements seam.Method: the bound is a constant of the graph.
func (m scale) GraphKey() string { return fmt.Sprint("bound=", m.c.Bound) }

func (m scale) factor(at *seam.At) *seam.Node {
	return graph.OnePlus(graph.MulScalar(graph.Tanh(at.Param("scale_v")), m.c.Bound))
}

// Linear implements seam.LinearHook: what happens at each target.
func (m scale) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	y := next(x)
	return graph.Mul(y, at.Spread(m.factor(at), y))
}

// RowsOK implements seam.Rower: Spread takes care of values that differ from row to row.
func (scale) RowsOK() bool { return true }

// Merge implements seam.Merger: the factors go into the rows of the weight, and into the bias.
func (m scale) Merge(at *seam.At, w seam.Weights) seam.Weights {
	w.Weight = graph.Mul(w.Weight, graph.InsertAxes(m.factor(at), -1))
	if w.Bias != nil {
		w.Bias = graph.Mul(w.Bias, m.factor(at))
	}
	return w
}

// A method of one's own, complete: its settings, what it keeps, what it computes, how it is merged. Package pefttest tests
// it.
func Example_method() {
	ctx := context.Background()
	backbone := must(models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 10,
		"id2label": {"0": "bug", "1": "praise", "2": "question"}}`)))
	adapted := must(peft.Attach(backbone, "mine", &Config{Targets: seam.Match("classifier")}))
	adapter := must(adapted.Adapter("mine"))
	fmt.Println(adapter.Sites(), adapted.NumTrainable(), "values train")

	// The adapter acts on the last layer, so it multiplies the logits with its factors.
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3}})}
	bare := must(backbone.Forward(ctx, in))
	show := func(when string, out peft.Tensors) {
		fmt.Print(when, ":")
		for i, y := range out["logits"].Value().([][]float32)[0] {
			fmt.Printf(" %.2f", y/bare["logits"].Value().([][]float32)[0][i])
		}
		fmt.Println()
	}
	show("fresh", must(adapted.Forward(ctx, peft.Use("mine"), in)))

	// A trainer would find these values. Keys are those of the adapter's file.
	key := "base_model.model.classifier.scale_v"
	if err := adapter.Set(adapter.Config(), peft.Tensors{key: tensors.FromValue([]float32{0, 10, -10})}); err != nil {
		fmt.Println(err)
	}
	show("set", must(adapted.Forward(ctx, peft.Use("mine"), in)))
	merged := must(adapted.Merge(ctx, peft.Use("mine")))
	show("merged", must(merged.Forward(ctx, in)))

	_, err := peft.Attach(backbone, "other", &Config{Bound: 2})
	fmt.Println(err)
	// Output:
	// [classifier] 3 values train
	// fresh: 1.00 1.00 1.00
	// set: 1.00 1.50 0.50
	// merged: 1.00 1.50 0.50
	// attach "other": BOUNDED_SCALE: bound: must be between 0 and 1, is 2
}

// must gives a result, and ends the example where there is none.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
