// Package vit is the vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929) as transformers computes it, with a
// head for image classification or without one. package models opens it:
//
//	backbone, err := models.Load("vit-base-patch16-224-in21k", models.Head("image-classification"), models.Classes("cat", "dog"))
//
// Its argument is "pixel_values" [batch, channels, height, width] in floats, of the config's size. Outputs without a
// head: "last_hidden_state" [batch, 1+patches, hidden], "pooler_output" where the checkpoint has a pooler, and
// "cls_embedding" and "mean_embedding" [batch, hidden], which transformers does not have.
//
// The map of patches is a convolution, "projection" in an adapter's targets, which "all-linear" leaves out.
//
// transformers 5 calls the blocks' modules otherwise in memory ("vit.layers.0.attention.q_proj") than in a checkpoint
// ("vit.encoder.layer.0.attention.attention.query"). Sites answer to both; adapters' files are written with the first,
// as HF PEFT 0.21 writes them, and checkpoints with the second.
package vit
