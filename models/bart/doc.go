// Package bart is BART (Lewis et al. 2019, arXiv:1910.13461) as transformers computes it: an encoder-decoder that writes
// a target text ("seq2seq-lm"), classifies a source ("sequence-classification", "question-answering"), or has no head.
// package models opens it:
//
//	backbone, err := models.Load("bart-base")                                         // a folder
//	backbone, err := models.Load("bart-base", models.Head("sequence-classification")) // with a new head
//
// Arguments and outputs are those of arch.EncoderDecoder. Where no target is given, the source moved right stands for it,
// as in the denoising that BART was pretrained with. A classifier reads the decoder at the source's last end token, which
// every row must hold as many times.
package bart
