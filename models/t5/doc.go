// Package t5 is T5 (Raffel et al. 2020, arXiv:1910.10683), T5 1.1 and flan-T5 as transformers computes them: an
// encoder-decoder that writes a target text ("seq2seq-lm"), classifies a source ("sequence-classification",
// "question-answering"), or has no head; the encoder alone ("encoder") embeds texts. package models opens it:
//
//	backbone, err := models.Load("flan-t5-small")                         // a folder
//	backbone, err := models.Load("flan-t5-small", models.Head("encoder")) // its encoder
//
// Arguments and outputs are those of arch.EncoderDecoder. A model without a head needs "decoder_input_ids".
//
// As in transformers, whether the logits are scaled by 1/sqrt(d_model) is scale_decoder_outputs, and in configs from
// before transformers 5 whether tie_word_embeddings isn't false; the head is the token embeddings unless the checkpoint
// has other values for it. Positions have no bound: attention goes by distances.
package t5
