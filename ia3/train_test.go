package ia3_test

import (
	"fmt"
	"iter"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// again is a source of one batch, whole in each epoch.
type again struct{ batch data.Batch }

func (again) NumBatches() int { return 1 }

func (s again) Epoch(_, from int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		if from == 0 {
			yield(s.batch, nil)
		}
	}
}

// Every method of this folder learns under the Trainer, and what it learned is the same from its file and when it is merged.
func TestTrainer(t *testing.T) {
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	batch := data.Batch{Rows: 3, Tokens: 27, Tensors: base.In}
	for _, settings := range []string{
		`"IA3"`,
		`"ROAD", "target_modules": ["query", "value", "output.dense"], "group_size": 4, "variant": "road_4"`,
		`"BEFT", "target_modules": "all-linear"`,
		`"LN_TUNING", "target_modules": ["LayerNorm"]`,
		`"BITFIT"`,
		`"FULL"`,
		`"LINEAR_PROBE", "task_type": "SEQ_CLS"`,
	} {
		t.Run(settings, func(t *testing.T) {
			cfg, err := peft.ParseConfig(fmt.Appendf(nil, `{"peft_type": %s}`, settings))
			require.NoError(t, err)
			a, err := peft.Attach(base.Backbone, "a", cfg)
			require.NoError(t, err)
			var losses []float64
			trainer, err := train.New(a, train.Options{
				Optimizer: optim.AdamW{LR: 3e-2}, Epochs: 20,
				OnStep: func(s train.Step) error { losses = append(losses, s.Loss); return nil },
			})
			require.NoError(t, err)
			_, err = trainer.FitSource(t.Context(), again{batch})
			require.NoError(t, err)
			require.Len(t, losses, 20)
			require.Less(t, losses[19], 0.95*losses[0])

			want, err := a.Forward(t.Context(), a.All(), base.In)
			require.NoError(t, err)
			dir := filepath.Join(t.TempDir(), "a")
			require.NoError(t, a.Save(dir))
			loaded, err := peft.Load(base.Backbone, dir)
			require.NoError(t, err)
			got, err := loaded.Forward(t.Context(), loaded.All(), base.In)
			require.NoError(t, err)
			require.True(t, want["logits"].Equal(got["logits"]))
			merged, err := loaded.Merge(t.Context(), loaded.All())
			require.NoError(t, err)
			got, err = merged.Forward(t.Context(), base.In)
			require.NoError(t, err)
			require.True(t, want["logits"].InDelta(got["logits"], 1e-5))
		})
	}
}
