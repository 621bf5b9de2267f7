package gopeft_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Mistakes with adapters' names, configs, files and selections.
func TestMistakesAdapters(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	b := s.Backbone()
	a, err := s.Adapter("a")
	require.NoError(t, err)
	in := ids([]int32{7, 8}, []int32{9, 10})
	attach := func(change func(*lora.Config)) func() error {
		return func() error {
			c := query()
			change(c)
			return s.Attach("new", c)
		}
	}
	forward := func(sel peft.Selection) func() error { return func() error { return fails(s.Forward(ctx, sel, in)) } }
	run := func(p peft.Program, in peft.Tensors, extra, values []*peft.Tensor) func() error {
		return func() error { return fails(s.Run(ctx, p, peft.Use("a"), in, extra, values)) }
	}
	const key = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight"
	loss := func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["loss"]}
	}
	logits := func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}
	wide := tensors.FromValue([]float32{1, 2, 3})
	weights, err := os.ReadFile(filepath.Join(s.adapter, peft.WeightsFile))
	require.NoError(t, err)
	config, err := os.ReadFile(filepath.Join(s.adapter, peft.ConfigFile))
	require.NoError(t, err)
	folder := func(name, cfg, values string) string {
		s.file(name+"/"+peft.ConfigFile, cfg)
		return filepath.Dir(s.file(name+"/"+peft.WeightsFile, values))
	}
	refused(t, s, []mistake{
		{func() error { return fails(peft.Attach(nil, "x", query())) }, peft.ErrInput, "backbone"},
		{func() error { return fails(peft.Attach(b, "x", nil)) }, peft.ErrConfig, "is nil"},
		{func() error { return fails(peft.Attach(b, "x", (*lora.Config)(nil))) }, peft.ErrConfig, "nil *lora.Config"},
		{func() error { return s.Attach("a", query()) }, peft.ErrAdapter, `"a"`},
		{func() error { return s.Attach("", query()) }, peft.ErrAdapter, "name"},
		{func() error { return s.Attach("a/b", query()) }, peft.ErrAdapter, "a/b"},
		{attach(func(c *lora.Config) { c.R = -1 }), peft.ErrConfig, "r: "},
		{attach(func(c *lora.Config) { c.Alpha = -1 }), peft.ErrConfig, "lora_alpha"},
		{attach(func(c *lora.Config) { c.Dropout = 1 }), peft.ErrConfig, "lora_dropout"},
		{attach(func(c *lora.Config) { c.Bias = "some" }), peft.ErrConfig, "bias"},
		{attach(func(c *lora.Config) { c.Init = "xavier" }), peft.ErrConfig, "init_lora_weights"},
		{attach(func(c *lora.Config) { c.Init = "eva" }), peft.ErrConfig, "peft.Calibrate"},
		{attach(func(c *lora.Config) { c.TaskType = "SEQCLS" }), peft.ErrConfig, "task_type"},
		{attach(func(c *lora.Config) { c.TaskType = "CAUSAL_LM" }), peft.ErrConfig, "task_type"},
		{attach(func(c *lora.Config) { c.Targets = peft.Match("querry") }), peft.ErrTarget, "querry"},
		{attach(func(c *lora.Config) { c.Targets = peft.MatchRegexp("(") }), peft.ErrConfig, `target_modules: "(" is not`},
		{attach(func(c *lora.Config) { c.Targets = peft.Match() }), peft.ErrTarget, "target_modules"},
		{attach(func(c *lora.Config) { c.Exclude = peft.Match("query") }), peft.ErrTarget, "exclude_modules"},
		{attach(func(c *lora.Config) { c.ModulesToSave = []string{"clasifier"} }), peft.ErrTarget, "clasifier"},
		{attach(func(c *lora.Config) { c.RankPattern = peft.Pattern[int]{{Match: "(", Value: 4}} }), peft.ErrConfig, "rank_pattern"},
		{attach(func(c *lora.Config) { c.LayersToTransform = peft.IntList(7) }), peft.ErrTarget, "layers_to_transform"},
		{attach(func(c *lora.Config) { c.Tokens = lora.TokenIDs(700) }), peft.ErrConfig, "700"},
		{attach(func(c *lora.Config) { c.TaskType = "SEQ_CLS"; c.Classes = []string{"one"} }), peft.ErrConfig, "one"},
		{func() error { return fails(s.LoadAs("x", filepath.Join(s.dir, "none"))) }, fs.ErrNotExist, "none"},
		{func() error { return fails(s.LoadAs("x", s.backbone)) }, fs.ErrNotExist, peft.ConfigFile},
		{func() error { return fails(s.LoadAs("x", folder("cut", string(config), string(weights[:100])))) }, peft.ErrTensor, "cut"},
		{func() error { return fails(s.LoadAs("x", folder("empty", string(config), ""))) }, peft.ErrTensor, "empty"},
		{func() error { return fails(s.LoadAs("x", folder("json", `{"peft_type": "LORA"`, string(weights)))) }, peft.ErrConfig, "json"},
		{func() error { return fails(s.LoadAs("x", folder("kind", `{"peft_type": "LORRA"}`, string(weights)))) }, peft.ErrUnknownType, "LORRA"},
		{func() error {
			return fails(s.LoadAs("x", folder("rank", `{"peft_type": "LORA", "r": 3, "target_modules": ["query"]}`, string(weights))))
		}, peft.ErrTensor, "lora_A"},
		{func() error {
			return fails(s.LoadAs("x", folder("key", `{"peft_type": "LORA", "r": 2, "target_modules": ["key"]}`, string(weights))))
		}, peft.ErrTensor, "lora_A"},
		{func() error { return fails(s.LoadAs("a", s.adapter)) }, peft.ErrAdapter, `"a"`},
		{func() error { return fails(s.LoadAll([]string{""})) }, peft.ErrAdapter, "adapter"},
		{func() error { return fails(s.LoadAll([]string{s.adapter, s.adapter})) }, peft.ErrAdapter, `"a"`},
		{func() error { return fails(s.Replace("c", s.adapter)) }, peft.ErrAdapter, `"c"`},
		{func() error { return fails(s.Replace("a", s.backbone)) }, fs.ErrNotExist, peft.ConfigFile},
		{func() error { return s.Delete("c") }, peft.ErrAdapter, `"c"`},
		{func() error { return fails(s.Adapter("A")) }, peft.ErrAdapter, `"A"`},
		{func() error { return s.Save(filepath.Join(s.dir, "three")) }, peft.ErrAdapter, "SaveAdapter"},
		{func() error { return s.SaveAdapter("c", s.dir) }, peft.ErrAdapter, `"c"`},
		{func() error { return s.SaveAdapter("a", s.backbone) }, peft.ErrAdapter, "backbone"},
		{func() error { return s.SaveAdapter("a", "") }, peft.ErrAdapter, "empty"},
		{func() error { return a.Set(nil, nil) }, peft.ErrConfig, "config"},
		{func() error { return a.Set(a.Config(), peft.Tensors{"lora": tensors.FromValue(1)}) }, peft.ErrTensor, "lora"},
		{func() error { return a.Set(a.Config(), peft.Tensors{key: nil}) }, peft.ErrTensor, "is nil"},
		{func() error {
			return a.Set(a.Config(), peft.Tensors{key: tensors.FromShape(shapes.Make(dtypes.Float64, 2, 8))})
		}, peft.ErrTensor, "Float64"},
		{func() error {
			return a.Set(a.Config(), peft.Tensors{key: tensors.FromShape(shapes.Make(dtypes.Float32, 8, 2))})
		}, peft.ErrTensor, "[8 2]"},
		{func() error { return a.Publish(nil) }, peft.ErrAdapter, "0 values"},
		{func() error { return a.Publish([]*peft.Tensor{nil, nil}) }, peft.ErrTensor, "is nil"},
		{func() error { return new(peft.Adapter).Publish(nil) }, peft.ErrInput, "backbone"},
		{func() error { return new(peft.Adapter).Set(query(), nil) }, peft.ErrInput, "backbone"},
		{func() error { return fails(a.Value("x")) }, peft.ErrTensor, `"x"`},
		{forward(peft.Use("c")), peft.ErrAdapter, `"c"`},
		{forward(peft.Use("a", "a")), peft.ErrAdapter, `"a"`},
		{forward(peft.Rows("a")), peft.ErrInput, "rows"},
		{forward(peft.Rows("a", "soft")), peft.ErrUnsupported, "columns"},
		{forward(peft.Rows("a", "b").Among("a")), peft.ErrAdapter, `"b"`},
		{forward(peft.Rows("a", "b").Row(2)), peft.ErrAdapter, "2"},
		{forward(peft.Average([]float64{1}, peft.Use("a"), peft.Use("b"))), peft.ErrAdapter, "weight"},
		{forward(peft.Average(nil)), peft.ErrAdapter, "0 parts"},
		{forward(peft.Average([]float64{1, 1}, peft.Use("a"), peft.Use("soft"))), peft.ErrUnsupported, "columns"},
		{func() error { return fails(peft.ParseSelection("stack(a,")) }, peft.ErrAdapter, "stack(a,"},
		{func() error { return fails(s.Merge(ctx, peft.Rows("a", "b"))) }, peft.ErrMerge, "rows(a,b)"},
		{func() error { return fails(s.Merge(ctx, peft.Use("soft"))) }, peft.ErrMerge, "soft"},
		{func() error { return fails(s.Trainable(peft.Use("c"))) }, peft.ErrAdapter, `"c"`},
		{func() error { _, _, err := s.Gradients(ctx, peft.Use("a"), in); return err }, peft.ErrInput, "labels"},
		{run(peft.Program{}, in, nil, nil), peft.ErrInput, "Build"},
		{run(peft.Program{Key: "l", Build: loss}, in, nil, nil), peft.ErrInput, "output 0"},
		{run(peft.Program{Key: "t", Training: true, Build: loss}, in, nil, nil), peft.ErrInput, "random state"},
		{run(peft.Program{Key: "v", Build: logits}, in, nil, []*peft.Tensor{nil}), peft.ErrAdapter, "1 values given for 2"},
		{run(peft.Program{Key: "v", Build: logits}, in, nil, []*peft.Tensor{nil, nil}), peft.ErrTensor, "is nil"},
		{run(peft.Program{Key: "v", Build: logits}, in, nil, []*peft.Tensor{wide, wide}), peft.ErrTensor, "shape"},
		{run(peft.Program{Key: "e", Build: loss}, in, []*peft.Tensor{nil}, nil), peft.ErrInput, "extra[0]"},
		{run(peft.Program{Key: "p", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
			return []*seam.Node{graph.Add(c.Forward(in)["logits"], in["input_ids"])}
		}}, in, nil, nil), nil, "building a graph: "},
		{func() error { return fails(new(peft.Adapted).Forward(ctx, peft.Base(), in)) }, peft.ErrInput, "backbone"},
		{func() error { return fails((*peft.Adapted)(nil).Forward(ctx, peft.Base(), in)) }, peft.ErrInput, "backbone"},
		{func() error { return fails(peft.New(nil).Adapter("a")) }, peft.ErrInput, "backbone"},
		{func() error { return new(peft.Adapter).Save(s.dir) }, peft.ErrInput, "backbone"},
		{func() error { return fails(peft.ParseConfig([]byte(`{"peft_type": 3}`))) }, peft.ErrConfig, "peft_type"},
		{func() error { return fails(peft.ReadTensors(s.file("x.safetensors", "no"))) }, peft.ErrTensor, "x.safetensors"},
		{func() error { return peft.WriteTensors(filepath.Join(s.dir, "y.safetensors"), peft.Tensors{"x": nil}) }, peft.ErrTensor, "x"},
	})
}
