// Package roberta is RoBERTa (Liu et al. 2019, arXiv:1907.11692) as transformers computes it: BERT's encoder with
// positions that are counted over the tokens that are no padding, heads of its own for sequence classification and
// masked language modelling, and BERT's for token classification and question answering; or without a head. package models opens
// it:
//
//	backbone, err := models.Load("roberta-base", models.Head("sequence-classification"))
//
// Its sequences are shorter than max_position_embeddings by pad_token_id + 1. Token types are all 0 unless given; a
// checkpoint with one type knows only that.
package roberta
