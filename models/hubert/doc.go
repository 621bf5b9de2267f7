// Package hubert is HuBERT (Hsu et al. 2021, arXiv:2106.07447) as transformers computes it, with a head for connectionist
// temporal classification or for classes, or without a head. package models opens it:
//
//	backbone, err := models.Load("hubert-base-ls960", models.Head("audio-classification"), models.Classes("yes", "no"))
//
// It is wav2vec 2.0's network, trained otherwise, and all that package wav2vec2 says of arguments, outputs, chance in
// training and the convolution that adds positions holds here, but for this: the model without a head has no "extract_features",
// and SpecAugment counts the padding of a batch as frames that can be hidden, as transformers does. conv_pos_batch_norm is
// refused.
package hubert
