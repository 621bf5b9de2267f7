package train

// Step is the record of one step.
type Step struct {
	Step         int     `json:"step"` // from 1
	Epoch        int     `json:"-"`    // from 0
	Loss         float64 `json:"loss"` // before the step's update, over the batch
	LR           float64 `json:"lr"`
	GradNorm     float64 `json:"grad_norm"` // before clipping
	TokensPerSec float64 `json:"tokens_per_s"`
	Total        int     `json:"-"` // how many steps there will be
}

// Evaluation is the record of one evaluation.
type Evaluation struct {
	Step    int                `json:"step"`
	Loss    float64            `json:"loss"`    // mean over the examples
	Metrics map[string]float64 `json:"metrics"` // by name, as "accuracy"
	Best    bool               `json:"best"`    // better than all before
}

// Resumed says where a run goes on.
type Resumed struct {
	Step    int     // steps that were done before; 0 begins anew
	Damaged []error // newer checkpoints that were passed over, each a *CheckpointError
}

// Report is what a run came to.
type Report struct {
	Steps        int
	Loss         float64 // of the last step
	Evaluation   *Evaluation
	BestStep     int // the step whose values the adapter holds
	Trainable    int // parameters
	Total        int
	Seconds      float64 // a run that was stopped and gone on with counts both parts, from its last checkpoint back
	TokensPerSec float64
}
