package train_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/peft/train"
)

// A checkpoint of another run is refused, with what differs, and nothing is changed. The number of checkpoints, what
// is called and the engine are no part of a run.
func TestOtherRun(t *testing.T) {
	stopped := t.TempDir()
	stopAt(t, stroll(stopped), 5)
	before := tree(t, stopped)
	more := append(shifted(), toyBatch(1, []int32{0}, []int32{0}))
	other := shifted()
	other[0] = toyBatch(2, []int32{0, 1}, []int32{1, 1})
	for part, c := range map[string]struct {
		change func(o *train.Options)
		src    data.Source
	}{
		"seed (1 then, 2 now)":                      {change: func(o *train.Options) { o.Seed = 2 }},
		"number of steps (8 then, 9 now), schedule": {change: func(o *train.Options) { o.Steps = 9 }},
		"batch size (8 then, 4 now)":                {change: func(o *train.Options) { o.BatchSize = 4 }},
		"longest text (0 then, 4 now)":              {change: func(o *train.Options) { o.MaxLength = 4 }},
		"steps between evaluations (3 then, 2 now)": {change: func(o *train.Options) { o.EvalEvery = 2 }},
		"other optimizer":                           {change: func(o *train.Options) { o.Optimizer = optim.AdamW{LR: 0.06} }},
		"optimizer":                                 {change: func(o *train.Options) { o.Optimizer = optim.Adam{LR: 0.05} }},
		" optimizer":                                {change: func(o *train.Options) { o.MaxGradNorm = 2 }},
		"schedule":                                  {change: func(o *train.Options) { o.Schedule = optim.Cosine{} }},
		"evaluation data":                           {change: func(o *train.Options) { o.EvalSource = other }},
		" evaluation data":                          {change: func(o *train.Options) { o.EvalSource = nil }},
		"training data":                             {src: more},
		" training data":                            {src: other},
	} {
		o := stroll(stopped)
		o.Resume = true
		if c.change != nil {
			c.change(&o)
		}
		if c.src == nil {
			c.src = shifted()
		}
		a, _ := newToy(t, 0.3)
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), c.src)
		refused(t, err, stopped, part)
	}
	for part, attach := range map[string]func() (*peft.Adapted, error){
		"adapter's config, adapter's first values": func() (*peft.Adapted, error) {
			a, _ := newToy(t, 0.3)
			return peft.Attach(a.Backbone(), "a", &lora.Config{R: 3, Targets: peft.Match("head"), Dropout: 0.3}, peft.Seed(3))
		},
		"adapter's first values": func() (*peft.Adapted, error) {
			a, _ := newToy(t, 0.3)
			return peft.Attach(a.Backbone(), "a", &lora.Config{R: 2, Targets: peft.Match("head"), Dropout: 0.3}, peft.Seed(4))
		},
		"other backbone": func() (*peft.Adapted, error) {
			a, built := newToy(t, 0.3)
			changed := slices.Clone(toyWeight)
			changed[2] = []float32{-1, 0, 3.5}
			b, err := peft.NewBackbone(toy{built}, peft.Tensors{"head.weight": tensors.FromValue(changed)}, a.Backbone().Engine(), seam.Origin{})
			require.NoError(t, err)
			cfg := mustAdapter(t, a).Config()
			return peft.Attach(b, "a", cfg, peft.Seed(3))
		},
	} {
		a, err := attach()
		require.NoError(t, err)
		o := stroll(stopped)
		o.Resume = true
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		refused(t, err, stopped, part)
	}
	require.Equal(t, before, tree(t, stopped))

	o := stroll(stopped)
	o.CheckpointEvery, o.KeepCheckpoints, o.KeepLast = 1, 7, true
	_, err := resumeToy(t, o)
	require.NoError(t, err)
}

func refused(t *testing.T, err error, out, part string) {
	t.Helper()
	var foreign *train.CheckpointError
	require.ErrorAs(t, err, &foreign, part)
	require.False(t, foreign.Damaged)
	require.Equal(t, filepath.Join(out, "checkpoints", "step-5"), foreign.Path)
	require.ErrorContains(t, err, strings.TrimSpace(part))
}

// All examples count, not only those of the first batch.
func TestOtherExamples(t *testing.T) {
	backbone := textBERT(t)
	out := t.TempDir()
	o := journey(out)
	_, err := travel(t.Context(), t, backbone, o)
	require.NoError(t, err)
	o.Resume = true
	changed, order := sentences(11), seeded.Order(11, o.Seed, 0)
	changed[order[10]].Text += "z"
	trainer, err := train.New(attach(t, backbone), o)
	require.NoError(t, err)
	_, err = trainer.Fit(t.Context(), changed)
	require.ErrorIs(t, err, train.ErrCheckpoint)
	require.ErrorContains(t, err, "other training data")
	o.Eval = sentences(7)
	o.Eval[6].Label = data.IntegerLabel(1)
	_, err = travel(t.Context(), t, backbone, o)
	require.ErrorContains(t, err, "other evaluation data")
}
