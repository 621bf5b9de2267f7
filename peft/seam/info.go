package seam

import "github.com/gopeft/gopeft/internal/hf"

// Info describes a backbone as far as methods need it.
type Info struct {
	ModelType    string // transformers' model_type, e.g. "bert"
	Architecture string // transformers' class, e.g. "BertForSequenceClassification"
	Task         string // the head: "sequence-classification", …, or "" for a bare encoder
	Hidden       int
	Layers       int
	Heads        int
	HeadDim      int
	Vocab        int
	MaxPositions int  // the longest sequence; math.MaxInt32 where nothing bounds it, as in T5
	TokenTypes   bool // whether forward takes token_type_ids
	// Rereads is the length beyond which a text has to be read anew from its start, since the positions of all columns
	// change; 0 where they never do.
	Rereads int
	Labels  []string // by index; empty where the head has none
	Blank   int      // the class that stands for no token, where the task is "ctc"
	Prefix  string   // where the encoder stands in a model with a head, as "bert"; "" when bare
}

// TaskType gives the task_type of an adapter that trains the backbone's head and saves it with itself (see
// Common.TaskType), or "" where HF PEFT has none for the head.
func (i Info) TaskType() string { return hf.TaskType(i.Task) }
