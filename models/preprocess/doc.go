// Package preprocess turns images and sounds into what backbones take, as the image processors and feature extractors of
// transformers do that a folder's preprocessor_config.json describes:
//
//	processor, err := preprocess.LoadImages("clip-vit-base-patch32")
//	photo, err := preprocess.ReadImage("cat.png")
//	in, err := processor.Process(photo) // pixel_values [1, 3, 224, 224]
//
//	extractor, err := preprocess.LoadAudio("wav2vec2-base-960h")
//	speech, err := preprocess.ReadWAV("hello.wav")
//	in, err := extractor.Process(speech) // input_values [1, samples]
//
// What they give are arguments of a backbone's forward pass, by name.
//
// # Images
//
// PNG and JPEG are read by the standard library, any other image.Image can be given. The steps are those of transformers'
// Pillow backend: conversion to RGB on white ground, resizing with Pillow's filters, central crop, scaling, normalising.
// Resized pixels equal Pillow 13's to the bit. Older ones and the torchvision backend differ by a grey level, by more at
// hard edges of images whose height shrinks more than twice as much as their width (they resize along the other axis
// first), and in a crop larger than the image by an odd number of pixels, which torchvision moves by one. JPEGs whose colours are stored
// at a lower resolution than their brightness decode a few grey levels away from libjpeg, which interpolates colours. The
// orientation that a camera notes is not applied.
//
// # Sounds
//
// WAV files hold whole numbers of 8, 16, 24 or 32 bits or floats of 32 or 64; channels are averaged and the rate is changed
// to the extractor's as torchaudio's resample does by default: a windowed sinc of width 6, cut off at 0.99 of the lower
// rate's limit.
package preprocess
