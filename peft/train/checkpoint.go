package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/peft"
)

// checkpointVersion is the version of the files below. A checkpoint of another one is refused.
const checkpointVersion = 1

// Files of a checkpoint beside the adapter's own.
const (
	manifestFile = "checkpoint.json"   // written last: a folder without it is not whole
	stateFile    = "state.safetensors" // the tensors of a run
)

// checkpoint is the content of checkpoint.json: the state of a run, but for its tensors.
type checkpoint struct {
	Version   int         `json:"version"`
	Step      int         `json:"step"` // steps done
	Evaluated int         `json:"evaluated"`
	Loss      float64     `json:"loss"`
	Last      *Evaluation `json:"last_evaluation"`
	Best      *Evaluation `json:"best_evaluation"`
	Patience  *patience   `json:"patience,omitempty"` // with EarlyStopping, from the first evaluation on
	Ended     Ended       `json:"ended,omitempty"`    // where the run ended before all its steps were done
	Why       string      `json:"why,omitempty"`
	// Unfinished values are those of a method that is to change them further between steps.
	Unfinished bool              `json:"unfinished,omitempty"`
	Tokens     int               `json:"tokens"`
	Busy       float64           `json:"busy_seconds"`
	Seconds    float64           `json:"seconds"`
	Metrics    int64             `json:"metrics_bytes"` // of metrics.jsonl
	Run        identity          `json:"run"`
	Files      map[string]digest `json:"files"`
	Sum        string            `json:"sha256"` // of this object with an empty one

	path string
}

// digest tells a file's content.
type digest struct {
	Bytes int64  `json:"bytes"`
	Sum   string `json:"sha256"`
}

// digestThrough tells what fill writes to w.
func digestThrough(w io.Writer, fill func(io.Writer) error) (digest, error) {
	h, n := sha256.New(), new(counter)
	err := fill(io.MultiWriter(w, h, n))
	return digest{int64(*n), hex.EncodeToString(h.Sum(nil))}, err
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func digestFile(path string) (digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return digest{}, err
	}
	defer f.Close()
	return digestThrough(io.Discard, func(w io.Writer) error { _, err := io.Copy(w, f); return err })
}

// seal gives the object as it is written.
func (c checkpoint) seal() ([]byte, error) {
	c.Sum = ""
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	c.Sum = hex.EncodeToString(sum[:])
	return json.MarshalIndent(c, "", "  ")
}

// readCheckpoint reads and checks a checkpoint's folder. Errors are a *CheckpointError; one that was never finished is
// fs.ErrNotExist.
func readCheckpoint(dir string) (*checkpoint, error) {
	path := filepath.Join(dir, manifestFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, damagedf(path, "%w", err)
	}
	var of struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &of); err != nil {
		return nil, damagedf(path, "%w", err)
	}
	if of.Version != checkpointVersion {
		return nil, foreignf(path, "it has version %d; this program reads version %d", of.Version, checkpointVersion)
	}
	c := &checkpoint{path: dir}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, damagedf(path, "%w", err)
	}
	if sealed, err := c.seal(); err != nil || !bytes.Equal(sealed, raw) {
		return nil, damagedf(path, "its checksum does not fit")
	}
	for name, want := range c.Files {
		path := filepath.Join(dir, filepath.Base(name))
		switch got, err := digestFile(path); {
		case err != nil:
			return nil, damagedf(path, "%w", err)
		case got.Bytes != want.Bytes:
			return nil, damagedf(path, "it has %d bytes of %d", got.Bytes, want.Bytes)
		case got != want:
			return nil, damagedf(path, "its checksum does not fit")
		}
	}
	return c, nil
}

// tensors reads the tensors of a checkpoint.
func (c *checkpoint) tensors() (peft.Tensors, error) {
	path := filepath.Join(c.path, stateFile)
	values, err := peft.ReadTensors(path)
	if err != nil {
		return nil, damagedf(path, "%w", err)
	}
	return values, nil
}
