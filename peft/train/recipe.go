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
	// Task names the head to train with, as "sequence-classification"; "" means the backbone's own.
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
	// Schedule of the learning rate; the default is linear without warmup.
	Schedule RecipeSchedule `json:"schedule"`
	// MaxGradNorm clips the gradients to this global norm; absent means 1, 0 means no clipping.
	MaxGradNorm *float64 `json:"max_grad_norm"`
	// NoDecay spares the values whose paths contain one of these from weight decay, as ["bias", "LayerNorm"]; it may stand
	// in Optimizer as well.
	NoDecay []string `json:"no_decay"`
	// DType is the type that frozen weights are held in: "float32" (the default) or "bfloat16".
	DType string `json:"dtype"`
	// Seed of a new adapter's and head's first values, of the order of examples and of dropout.
	Seed uint64 `json:"seed"`
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

// RecipeEarlyStopping holds the keys of early_stopping, which mean what EarlyStopping's fields do.
type RecipeEarlyStopping struct {
	Patience int     `json:"patience"` // evaluations without improvement; 0 means 1
	MinDelta float64 `json:"min_delta"`
	Metric   string  `json:"metric"` // "" means eval_loss
}

// RecipeAdapter says what to train: a new adapter by its config, or the folder of one to go on with.
type RecipeAdapter struct {
	// Config is a new adapter's adapter_config.json.
	Config json.RawMessage `json:"config"`
	// Init is a safetensors file with first values for the new adapter; "" draws them.
	Init string `json:"init"`
	// Load is the folder of an adapter to go on training; it takes Config's place.
	Load string `json:"load"`
	// TrainStatistics moves the running statistics of batch norms with training: see peft.TrainStatistics.
	TrainStatistics bool `json:"train_statistics"`
}

// Options gives the options to attach or load the adapter with, for a run with that seed.
func (a RecipeAdapter) Options(seed uint64) []peft.Option {
	out := []peft.Option{peft.Seed(seed)}
	if a.TrainStatistics {
		out = append(out, peft.TrainStatistics())
	}
	return out
}

// RecipeData names a file of examples, JSONL with an object on each line, or a safetensors file with one batch that every
// step uses.
//
// A label is a class, by its name or index, or a number. For the tasks "seq2seq-lm" and "causal-lm" it is the text to be
// written; a decoder is trained on the whole text where a line has none, unless Label is set.
type RecipeData struct {
	JSONL    string `json:"jsonl"`
	Text     string `json:"text"`      // key of the text; "" means "text"
	TextPair string `json:"text_pair"` // key of the second text of a pair
	Label    string `json:"label"`     // key of the label; "" means "label"
	Tensors  string `json:"tensors"`   // file with tensors named as the arguments of the forward pass
}

// RecipeOptimizer is an optimiser by name ("adamw", "adam", "sgd" or, for LoRA, "lorafa") with its numbers; absent ones mean lr
// 1e-3, no weight decay, and torch's defaults.
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
	// LoRAPlusRatio makes LoRA's B learn so many times as fast as A, and LoRAPlusEmbedding is the learning rate of LoRA's factors
	// of embeddings: optim.LoRAPlus. Absent means one learning rate for all.
	LoRAPlusRatio     *float64 `json:"loraplus_lr_ratio"`
	LoRAPlusEmbedding *float64 `json:"loraplus_lr_embedding"`
	// RiemannianReg puts the preconditioner of optim.Riemannian with this damping before the optimiser; absent means none.
	RiemannianReg *float64 `json:"riemannian_reg"`
	// LoRAAlpha and RSLoRA tell lorafa LoRA's strength. They are read from the config of a new adapter; lorafa needs LoRAAlpha
	// where one is loaded.
	LoRAAlpha *float64 `json:"lora_alpha"`
	RSLoRA    bool     `json:"use_rslora"`
}

// RecipeSchedule is a schedule of the learning rate by its name: "linear", "cosine", "constant", "polynomial" or
// "inverse_sqrt". Warmup is a number of steps or, below 1, a share of the run.
type RecipeSchedule struct {
	Type   string       `json:"type"` // "" means linear
	Warmup optim.Warmup `json:"warmup"`
}
