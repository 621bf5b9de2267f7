// Package bert is BERT (Devlin et al. 2018, arXiv:1810.04805) as transformers computes it: an encoder of texts, with a head for
// classes of texts ("sequence-classification") or of tokens ("token-classification"), for the place of an answer
// ("question-answering") or for masked tokens ("masked-lm"), or without a head. package models opens it:
//
//	backbone, err := models.Load("bert-base-uncased", models.Head("sequence-classification"), models.Classes("bug", "praise"))
//
// Its arguments are "input_ids" [batch, sequence], and "attention_mask" and "token_type_ids" of the same shape. A model
// without a head gives "last_hidden_state" [batch, sequence, hidden], "pooler_output" [batch, hidden] where the
// checkpoint has a pooler, and two embeddings of texts [batch, hidden], which transformers leaves to its users:
// "cls_embedding", the first token's state, and "mean_embedding", the mean over the tokens of attention_mask.
package bert
