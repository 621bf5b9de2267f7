// Package bert is BERT (Devlin et al. 2018, arXiv:1810.04805) as transformers computes it: the encoder with heads for
// sequence and token classification, extractive question answering and masked language modelling, or bare.
//
// Outputs of the bare encoder: "last_hidden_state" [batch, sequence, hidden], "pooler_output" [batch, hidden] where
// the checkpoint has a pooler, and two sentence embeddings [batch, hidden], "cls_embedding" (the first column) and
// "mean_embedding" (the mean over the tokens of attention_mask). transformers has the first two only.
package bert
