package train

import (
	"encoding/json"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
)

// Recipe is a training run as a file describes it: what examples/finetune reads. Absent keys mean the defaults named
// here.
type Recipe struct {
	// Backbone is a transformers folder. Required.
	Backbone string `json:"backbone"`
	// Task asks for a head; "" means the backbone's own.
	Task string `json:"task"`
	// Adapter says what is trained. Required.
	Adapter RecipeAdapter `json:"adapter"`
	// Train and Eval are the data; Train is required. Keys that Eval leaves out are those of Train.
	Train RecipeData `json:"train"`
	Eval  RecipeData `json:"eval"`
	// MaxLength in tokens; 0 means what the backbone has positions for.
	MaxLength int `json:"max_length"`
	BatchSize int `json:"batch_size"` // 0 means 8
	// Accumulate is how many batches make a step; 0 means 1.
	Accumulate int `json:"accumulate"`
	// Epochs or Steps is required; Steps decides where both are given.
	Epochs int `json:"epochs"`
	Steps  int `json:"steps"`
	// Optimizer; the default is AdamW without decay.
	Optimizer RecipeOptimizer `json:"optimizer"`
	// Schedule; the default is linear without warmup.
	Schedule RecipeSchedule `json:"schedule"`
	// MaxGradNorm bounds the global norm of the gradients; absent means 1, 0 means no bound.
	MaxGradNorm *float64 `json:"max_grad_norm"`
	// NoDecay names parts of paths that weight decay spares; it may stand in Optimizer as well.
	NoDecay []string `json:"no_decay"`
	// DType holds the frozen values: "float32" (the default) or "bfloat16".
	DType string `json:"dtype"`
	Seed  uint64 `json:"seed"`
	// EvalEvery evaluates after every so many steps; 0 means after each epoch.
	EvalEvery int `json:"eval_every"`
	// EarlyStopping ends the run when evaluations no longer get better; absent never does.
	EarlyStopping *RecipeEarlyStopping `json:"early_stopping"`
	// CheckpointEvery saves the run after so many steps; 0 saves it only at its end and when it is stopped.
	CheckpointEvery int `json:"checkpoint_every"`
	// Out is the run's folder. Required.
	Out string `json:"out"`
	// Overwrite lets the run replace one that Out holds.
	Overwrite bool `json:"overwrite"`
}

// RecipeEarlyStopping is EarlyStopping with its keys.
type RecipeEarlyStopping struct {
	Patience int     `json:"patience"` // evaluations without improvement; 0 means 1
	MinDelta float64 `json:"min_delta"`
	Metric   string  `json:"metric"` // "" means eval_loss
}

// RecipeAdapter is a fresh adapter's config (with starting values from a safetensors file, if Init names one), or the
// folder of an adapter to go on with. TrainStatistics lets batch norms follow; see peft.TrainStatistics.
type RecipeAdapter struct {
	Config          json.RawMessage `json:"config"`
	Init            string          `json:"init"`
	Load            string          `json:"load"`
	TrainStatistics bool            `json:"train_statistics"`
}

// Options are those to attach or load it with, for a run of that seed.
func (a RecipeAdapter) Options(seed uint64) []peft.Option {
	out := []peft.Option{peft.Seed(seed)}
	if a.TrainStatistics {
		out = append(out, peft.TrainStatistics())
	}
	return out
}

// RecipeData is a JSONL file with the keys of its fields, or a safetensors file that is the same batch at every step. The
// label is a class or a number, or the text to be written where the task is "seq2seq-lm" or "causal-lm". A decoder writes
// it behind the text; lines without a "label" train it on the whole text, unless Label says which key must be there.
type RecipeData struct {
	JSONL    string `json:"jsonl"`
	Text     string `json:"text"`
	TextPair string `json:"text_pair"`
	Label    string `json:"label"`
	Tensors  string `json:"tensors"`
}

// RecipeOptimizer is an optimiser by name with its numbers; absent ones mean lr 1e-3, no weight decay, and torch's
// defaults.
type RecipeOptimizer struct {
	Type        string    `json:"type"` // "" means adamw
	LR          *float64  `json:"lr"`
	WeightDecay *float64  `json:"weight_decay"`
	Betas       []float64 `json:"betas"`
	Eps         *float64  `json:"eps"`
	Momentum    *float64  `json:"momentum"`
	Dampening   *float64  `json:"dampening"`
	Nesterov    bool      `json:"nesterov"`
	AMSGrad     bool      `json:"amsgrad"`
	NoDecay     []string  `json:"no_decay"`
}

// RecipeSchedule is a schedule by name. Warmup is a number of updates, or below 1 a share of the run.
type RecipeSchedule struct {
	Type   string       `json:"type"` // "" means linear
	Warmup optim.Warmup `json:"warmup"`
}
