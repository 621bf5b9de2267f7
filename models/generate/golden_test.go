package generate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// written is what transformers' generate writes on one base, perhaps with an adapter.
type written struct {
	IDs    [][]int32 `json:"input_ids"`
	Mask   [][]int32 `json:"attention_mask"`
	MaxNew int       `json:"max_new_tokens"`
	EOS    int32     `json:"eos_token_id"`
	Pad    int32     `json:"pad_token_id"`
	Runs   []struct {
		Name      string
		Args      arguments
		Sequences [][]int32
		Rows      int
	}
}

// arguments are transformers' names.
type arguments struct {
	Repetition    float64         `json:"repetition_penalty"`
	NoRepeat      int             `json:"no_repeat_ngram_size"`
	Beams         int             `json:"num_beams"`
	LengthPenalty *float64        `json:"length_penalty"`
	Early         json.RawMessage `json:"early_stopping"`
	MinNew        int             `json:"min_new_tokens"`
	EOS           []int32         `json:"eos_token_id"`
	Suppress      []int32         `json:"suppress_tokens"`
	SuppressFirst []int32         `json:"begin_suppress_tokens"`
	ForcedEOS     []int32         `json:"forced_eos_token_id"`
}

func (a arguments) options(w written) generate.Options {
	o := generate.Options{
		MaxNewTokens: w.MaxNew, EOS: []int32{w.EOS}, Pad: &w.Pad, RepetitionPenalty: a.Repetition, NoRepeatNGram: a.NoRepeat,
		Beams: a.Beams, MinNewTokens: a.MinNew, Suppress: a.Suppress, SuppressFirst: a.SuppressFirst,
		ForcedEOS: a.ForcedEOS,
	}
	if a.EOS != nil {
		o.EOS = a.EOS
	}
	if a.LengthPenalty != nil {
		o.LengthPenalty = optim.Exactly(*a.LengthPenalty)
	}
	switch string(a.Early) {
	case "true":
		o.EarlyStopping = generate.StopWhenFull
	case `"never"`:
		o.EarlyStopping = generate.StopWhenImpossible
	}
	return o
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

// TestGolden holds whole runs to transformers, token for token.
func TestGolden(t *testing.T) {
	f, e := golden.OpenFixtures(t), golden.OpenEngine(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(string(f), "generate", "*.json"))
	require.NoError(t, err)
	ran := 0
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		base, adapter, adapted := strings.Cut(name, "--")
		if !slices.Contains(bases, base) {
			continue
		}
		if cases, err := f.Cases(base); adapted && !slices.Contains(cases, adapter) {
			require.NoError(t, err)
			continue
		}
		ran++
		var w written
		readJSON(t, path, &w)
		t.Run(name, func(t *testing.T) {
			b, err := f.Base(e, base)
			require.NoError(t, err)
			a := peft.New(b.Backbone)
			if adapted {
				a, err = peft.Load(b.Backbone, f.CaseDir(base, adapter))
				require.NoError(t, err)
			}
			for _, run := range w.Runs {
				t.Run(run.Name, func(t *testing.T) {
					g, err := generate.New(a, run.Args.options(w))
					require.NoError(t, err)
					out, err := g.Generate(t.Context(), a.All(), generate.Batch{IDs: w.IDs, Mask: w.Mask})
					require.NoError(t, err)
					require.Equal(t, run.Sequences, out.Sequences)
				})
			}
		})
	}
	require.NotZero(t, ran)
}
