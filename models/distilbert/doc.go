// Package distilbert is DistilBERT (Sanh et al. 2019, arXiv:1910.01108) as transformers computes it: BERT's encoder
// without token types and pooler, under names of its own, with heads for sequence and token classification, extractive
// question answering and masked language modelling, or without a head. package models opens it:
//
//	backbone, err := models.Load("distilbert-base-uncased", models.Head("sequence-classification"))
//
// Sinusoidal positions need nothing of their own: transformers keeps them as the weight of the position embeddings.
package distilbert
