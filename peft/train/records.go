package train

// Step is the record of one step: an update of the adapter's values.
type Step struct {
	Step         int     `json:"step"` // from 1
	Epoch        int     `json:"-"`    // from 0: that of the step's last batch
	Loss         float64 `json:"loss"` // before the step's update, the mean over its batches
	LR           float64 `json:"lr"`
	GradNorm     float64 `json:"grad_norm"` // of the mean of the batches' gradients, before clipping
	TokensPerSec float64 `json:"tokens_per_s"`
	Total        int     `json:"-"` // how many steps there will be, unless the run ends early
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

// Ended says how a run came to its end.
type Ended string

// The ends of a run.
const (
	Completed    Ended = "completed"             // all steps were done
	EarlyStopped Ended = "early stopping"        // evaluations got no better: see EarlyStopping
	Stopped      Ended = "stopped by a callback" // OnStep or OnEval returned ErrStop
)

// Report is what a run came to.
type Report struct {
	Steps        int         // steps done
	Loss         float64     // of the last step
	Evaluation   *Evaluation // of the values that the adapter holds, or the last one with KeepLast; nil where nothing was evaluated
	BestStep     int         // the step whose values the adapter holds
	Ended        Ended
	Why          string  // what ended the run before all its steps were done, in words; "" after Completed
	Trainable    int     // parameters that train
	Total        int     // parameters of the backbone and the adapters
	Seconds      float64 // a run that was stopped and gone on with counts both parts, from its last checkpoint back
	TokensPerSec float64
}
