package lora

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// expert is a LoRA that Arrow routes to: its settings and its values by key.
type expert struct {
	name   string
	cfg    Config
	values map[string][]float32
	shapes map[string][]int
}

// NewArrow reads trained LoRAs from their folders and gives the config of an adapter that routes among the tasks', for
// peft.Attach; general ones are for Arrow.Subtract. HF PEFT calls it create_arrow_model. The LoRAs must be plain, on linear maps,
// and alike in rank and targets. An adapter that is attached so holds their values, and so does its file; nothing of it trains.
//
// A folder that can't be read is an error of its files; LoRAs that don't go together are refused when the config is attached.
func NewArrow(a Arrow, tasks, general []string) (*Config, error) {
	c := &Config{Arrow: &a, experts: &experts{}}
	a.Tasks, a.General = nil, nil
	for _, list := range []struct {
		dirs  []string
		names *[]string
		into  *[]expert
	}{{tasks, &a.Tasks, &c.experts.tasks}, {general, &a.General, &c.experts.general}} {
		for _, dir := range list.dirs {
			e, err := readExpert(dir)
			if err != nil {
				return nil, err
			}
			*list.names, *list.into = append(*list.names, e.name), append(*list.into, *e)
		}
	}
	if len(c.experts.tasks) > 0 {
		c.R, c.Alpha, c.TaskType = c.experts.tasks[0].cfg.R, c.experts.tasks[0].cfg.Alpha, c.experts.tasks[0].cfg.TaskType
	}
	return c, nil
}

// experts are what NewArrow has read. They stay with a config and are in no file of it.
type experts struct{ tasks, general []expert }

func readExpert(dir string) (*expert, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		return nil, err
	}
	parsed, err := seam.ParseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	cfg, ok := parsed.(*Config)
	if !ok {
		return nil, fmt.Errorf("%s: %w", dir, seam.Fieldf(fieldArrow, "routes among adapters of type LORA, this is %s", parsed.PEFTType()))
	}
	e := &expert{name: filepath.Base(filepath.Clean(dir)), cfg: seam.WithDefaults(*cfg), values: map[string][]float32{}, shapes: map[string][]int{}}
	if !e.cfg.isPlain() {
		return nil, fmt.Errorf("%s: %w", dir, seam.Fieldf(fieldArrow, "routes among plain LoRAs"))
	}
	file, err := safetensors.Open(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for _, name := range file.Names() {
		t, err := file.TensorAs(name, dtypes.Float32)
		if err != nil {
			return nil, err
		}
		if e.values[name], err = safetensors.Floats(t); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(e.values[name], func(v float32) bool { return v-v != 0 }) {
			return nil, fmt.Errorf("%s: %w", dir, &seam.TensorError{Tensor: name, Reason: "holds a number that is not finite"})
		}
		e.shapes[name] = t.Shape().Dimensions
	}
	return e, nil
}

// isPlain reports whether an adapter of a config is A and B alone, whatever it started from.
func (c *Config) isPlain() bool {
	v := c.variant()
	return (v == "" || v == fieldInit) && !c.LoRABias && c.Bias == "none" && c.TargetParameters == nil && c.LayerReplication == nil &&
		c.Tokens.ids == nil && c.Tokens.byName == nil && len(c.ModulesToSave) == 0 && !c.Init.changesBase() && c.Init != LoftQStart
}

// planArrow keeps, at each site of the adapters, the values of all.
func (m *method) planArrow(b *seam.Blueprint) (*seam.Plan, error) {
	if m.c.experts == nil {
		return m.planArrowFile(b)
	}
	plan := &seam.Plan{Alone: true}
	tasks, general := m.c.experts.tasks, m.c.experts.general
	known := map[string]bool{}
	var names []string
	for _, s := range b.Sites {
		keyA, keyB := "base_model.model."+s.Path+"."+nameA, "base_model.model."+s.Path+"."+nameB
		if s.Kind != seam.Linear || tasks[0].values[keyA] == nil {
			continue
		}
		known[keyA], known[keyB] = true, true
		r := tasks[0].shapes[keyA][0]
		for _, e := range slices.Concat(tasks, general) {
			if !slices.Equal(e.shapes[keyA], []int{r, s.In}) || !slices.Equal(e.shapes[keyB], []int{s.Out, r}) {
				return nil, seam.Fieldf(fieldArrow, "%s: A and B of %q are %v and %v, want [%d %d] and [%d %d] as those of %q",
					s.Path, e.name, e.shapes[keyA], e.shapes[keyB], r, s.In, s.Out, r, tasks[0].name)
			}
		}
		plan.Sites, names = append(plan.Sites, s.Path), append(names, s.Path)
		own, err := m.arrowValues(s, r, keyA, keyB)
		if err != nil {
			return nil, err
		}
		plan.Params = append(plan.Params, own...)
	}
	for _, e := range slices.Concat(tasks, general) {
		for _, key := range slices.Sorted(maps.Keys(e.values)) {
			if !known[key] {
				return nil, seam.Fieldf(fieldArrow, "%q has %s, which is not A or B of a linear map that %q acts on", e.name, key, tasks[0].name)
			}
		}
	}
	if len(names) == 0 {
		return nil, seam.Fieldf(fieldArrow, "%q acts on no linear map of this backbone", tasks[0].name)
	}
	plan.Targets = seam.Match(names...)
	return plan, nil
}

// arrowValues are the values of all adapters at a site.
func (m *method) arrowValues(s seam.Site, r int, keyA, keyB string) ([]seam.Param, error) {
	tasks, general := m.c.experts.tasks, m.c.experts.general
	var a, b, directions, scales []float32
	for _, e := range tasks {
		one, two := slices.Clone(e.values[keyA]), slices.Clone(e.values[keyB])
		if m.c.Arrow.Subtract {
			for _, g := range general {
				for i, v := range g.values[keyA] {
					one[i] -= v / float32(len(general))
				}
				for i, v := range g.values[keyB] {
					two[i] -= v / float32(len(general))
				}
			}
		}
		scale, err := e.cfg.scale(s, r)
		if err != nil {
			return nil, err
		}
		a, b, scales = append(a, one...), append(b, two...), append(scales, float32(scale))
		directions = append(directions, mainDirection(one, two, r, s.In, m.c.Arrow.Seed)...)
	}
	out := arrowParams(s, len(tasks), r)
	for i, values := range [][]float32{a, b, directions, scales} {
		out[i].Init = func(_ *rand.Rand, into []float32) { copy(into, values) }
	}
	return out, nil
}

func arrowParams(s seam.Site, n, r int) []seam.Param {
	return []seam.Param{
		{Site: s.Path, Name: arrowA, Shape: []int{n, r, s.In}, Frozen: true},
		{Site: s.Path, Name: arrowB, Shape: []int{n, s.Out, r}, Frozen: true},
		{Site: s.Path, Name: arrowDirections, Shape: []int{n, s.In}, Frozen: true, Buffer: true},
		{Site: s.Path, Name: arrowScales, Shape: []int{n}, Frozen: true, Buffer: true},
	}
}

// planArrowFile plans an adapter whose values are in its file.
func (m *method) planArrowFile(b *seam.Blueprint) (*seam.Plan, error) {
	sites, targets, err := b.Select(seam.Selector{Targets: m.c.Targets, Exclude: m.c.Exclude})
	if err != nil {
		return nil, err
	}
	plan := &seam.Plan{Targets: targets, Alone: true}
	for _, s := range sites {
		shape, ok := b.FileShape("base_model.model." + s.Path + "." + arrowA)
		if !ok || len(shape) != 3 || shape[0] != len(m.c.Arrow.Tasks) {
			return nil, seam.Fieldf(fieldArrow, "the adapters %v are not there (HF PEFT's file of a router holds none): NewArrow reads them from their folders", m.c.Arrow.Tasks)
		}
		plan.Sites = append(plan.Sites, s.Path)
		plan.Params = append(plan.Params, arrowParams(s, shape[0], shape[1])...)
	}
	return plan, nil
}
