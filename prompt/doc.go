// Package prompt holds what the methods of virtual tokens share. They change no weight of a model; they put learned columns
// in front of a text's own: among its embeddings (package prompt/tuning) or among the keys and values of every attention
// (package prompt/prefix). Users attach one of these two, and need [Virtual] from here; the rest is for authors of methods.
//
// # When to use them
//
// They train very few parameters, in tuning just n embeddings, and leave all weights alone. They do better the larger the
// model is, and cost the time of n more tokens in every call.
//
// # Caveats
//
// Virtual tokens take positions, so a text must be shorter by as many. A prompt's columns pass through the model like any
// others and are part of its outputs: a head that reads the first column (BERT's) then reads a learned one, and a language
// model's logits begin with the prompt's, for which labels are ignored. A prefix has no such columns.
//
// These adapters can't be merged, averaged or mixed by rows. Stacked, their columns stand behind one another.
//
// # Differences from HF PEFT
//
// Token types reach the model where HF PEFT lets them: its classes for FEATURE_EXTRACTION, CAUSAL_LM and SEQ_2_SEQ_LM drop
// them. The one for QUESTION_ANS drops them as well, with every method, which is not followed here.
//
// HF PEFT's file has the learned tokens as "prompt_embeddings"; while they train they are "prompt_encoder.embedding.weight"
// there. Values can be given to peft.Adapter under either name.
package prompt
