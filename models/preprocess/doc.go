// Package preprocess turns images and recordings into the input of image and speech models, as the image processors and
// feature extractors of transformers do. What to do is read from preprocessor_config.json in the model's folder:
//
//	processor, err := preprocess.LoadImages("clip-vit-base-patch32")
//	photo, err := preprocess.ReadImage("cat.png")
//	in, err := processor.Process(photo) // "pixel_values" [1, 3, 224, 224]
//
//	extractor, err := preprocess.LoadAudio("wav2vec2-base-960h")
//	speech, err := preprocess.ReadWAV("hello.wav")
//	in, err := extractor.Process(speech) // "input_values" [1, samples]
//
//	out, err := adapted.Forward(ctx, peft.Base(), in) // the results are the arguments of a forward pass, by name
//
// # Images
//
// [ReadImage] reads PNG and JPEG; any other image.Image can be processed, too. The steps are those of transformers' Pillow
// backend: conversion to RGB on a white background, resizing with Pillow's filters, central crop, scaling, normalisation.
// Resized pixels are equal to those of Pillow 13.
//
// Differences: older versions of Pillow and the torchvision backend give pixels that differ by one grey level; where an
// image's height shrinks by more than twice as many pixels as its width, they resize along the other axis first, which makes
// a larger difference at hard edges. A crop that is larger than the image by an odd number of pixels is shifted by one pixel
// in torchvision. JPEG files with subsampled colours differ by a few grey levels from those decoded by libjpeg, which
// interpolates the colours. The orientation in a photo's metadata is not applied.
//
// # Recordings
//
// [ReadWAV] reads WAV files of integers or floats. Channels are averaged, and [Resample] changes the sampling rate to that of
// the model, as torchaudio does.
package preprocess
