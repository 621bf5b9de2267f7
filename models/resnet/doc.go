// Package resnet is the residual network (He et al. 2015, arXiv:1512.03385) as transformers computes it, with basic or
// bottleneck layers and a head for image classification or without a head. package models opens it:
//
//	backbone, err := models.Load("resnet-18", models.Head("image-classification"), models.Classes("cat", "dog"))
//
// Its argument is "pixel_values" [batch, channels, height, width] in floats, of any size. Outputs without a head:
// "last_hidden_state" [batch, channels, height, width] and "pooler_output" [batch, channels, 1, 1].
//
// Every convolution is a site, under the name "convolution", which is what LoRA's targets are then. Batch norms
// ("normalization") use their running statistics, in training as well, unless peft.TrainStatistics says otherwise.
package resnet
