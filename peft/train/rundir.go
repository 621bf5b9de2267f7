package train

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/peft"
)

// RunDir is the folder of a run: adapter/, checkpoints/, metrics.jsonl and summary.json.
type RunDir struct {
	path    string
	metrics *os.File
	enc     *json.Encoder
}

// NewRunDir makes a run's folder and begins its metrics anew. Close it.
func NewRunDir(path string) (*RunDir, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(path, "metrics.jsonl"))
	if err != nil {
		return nil, err
	}
	return &RunDir{path: path, metrics: f, enc: json.NewEncoder(f)}, nil
}

// Close ends the metrics.
func (d *RunDir) Close() error { return d.metrics.Close() }

// Step writes a step's line into metrics.jsonl.
func (d *RunDir) Step(s Step) error { return d.enc.Encode(s) }

// Eval writes an evaluation's line into metrics.jsonl, its values as eval_loss, eval_accuracy and so on.
func (d *RunDir) Eval(e Evaluation) error {
	line := evalFields(&e)
	line["step"] = e.Step
	return d.enc.Encode(line)
}

func evalFields(e *Evaluation) map[string]any {
	line := map[string]any{}
	if e != nil {
		line["eval_loss"] = e.Loss
		for name, v := range e.Metrics {
			line["eval_"+name] = v
		}
	}
	return line
}

// Checkpoint saves an adapter's values as they are published, under checkpoints/step-N.
func (d *RunDir) Checkpoint(a *peft.Adapter, step int) error {
	return a.Save(filepath.Join(d.path, "checkpoints", fmt.Sprintf("step-%d", step)))
}

// Finish saves the adapter and the summary of a run.
func (d *RunDir) Finish(a *peft.Adapter, r *Report) error {
	if err := a.Save(filepath.Join(d.path, "adapter")); err != nil {
		return err
	}
	summary := map[string]any{
		"steps": r.Steps, "best_step": r.BestStep, "loss": r.Loss, "trainable": r.Trainable, "total": r.Total,
		"seconds": r.Seconds, "tokens_per_s": r.TokensPerSec, "peak_rss_mib": PeakRSS(),
	}
	maps.Copy(summary, evalFields(r.Evaluation))
	raw, err := json.MarshalIndent(summary, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(d.path, "summary.json"), 0o644, func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}
