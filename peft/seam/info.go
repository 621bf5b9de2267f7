package seam

import "github.com/gopeft/gopeft/internal/hf"

// Info describes a backbone: its family, its head and its sizes.
type Info struct {
	ModelType    string // transformers' model_type, as "bert"
	Architecture string // transformers' class, as "BertForSequenceClassification"
	Head         string // the kind of head: "sequence-classification", …, or "" for a backbone without one
	Hidden       int    // width of the blocks
	Layers       int    // number of blocks
	Heads        int    // attention heads in each block
	HeadDim      int    // width of a head
	Vocab        int    // number of token embeddings
	MaxPositions int    // the longest sequence; math.MaxInt32 where nothing bounds it, as in T5
	TokenTypes   bool   // whether the forward pass takes token_type_ids
	// Rereads is the length, in tokens, at which the positions of all tokens change, as some models for long texts have it.
	// Keys that were kept while writing a shorter text are then of no use, and the text is read again. 0 means never.
	Rereads int
	Classes []string // names of the classes by index; empty where the head has none
	Blank   int      // the class that stands for no token, where Head is "ctc"
	Prefix  string   // the path of the encoder in a model with a head, as "bert"; "" where there is no head
}

// TaskType gives the task_type of an adapter that trains the backbone's head and saves it with itself (see
// Common.TaskType), or "" where HF PEFT has none for the head.
func (i Info) TaskType() string { return hf.TaskType(i.Head) }
