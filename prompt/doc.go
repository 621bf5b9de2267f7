// Package prompt holds what the methods of virtual tokens share: learned columns that stand in front of a text's own,
// among the input embeddings (prompt/tuning) or among every attention's keys and values (prompt/prefix).
//
// They change no weight, so they can't be merged, and adapters that add columns can be neither averaged nor mixed by
// rows; stacks add up.
//
// # What they do to positions and heads
//
// Virtual tokens take positions, so that a text must be shorter by as many. A prompt's columns pass through the blocks
// like any other and are part of what comes out: a head that pools the first column (BERT's) then pools a learned one,
// and a language model's logits begin with theirs, whose labels are ignored. A prefix has no such columns: it is only
// attended to.
//
// Token types reach the backbone where HF PEFT lets them: its wrappers for FEATURE_EXTRACTION, CAUSAL_LM and SEQ_2_SEQ_LM
// drop them. The one for QUESTION_ANS loses them as well, with every method, which is not followed here.
//
// # Files
//
// HF PEFT saves "prompt_embeddings", and a head as "base_model.classifier.weight". While they train, their values are
// called "prompt_encoder.embedding.weight" there; both names are known (peft.Param.Alias).
package prompt
