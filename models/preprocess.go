package models

import (
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/peft"
)

// ImageProcessor opens the image processor that lies in a backbone's folder: what scales, crops and normalises images as the
// backbone was trained with, into arguments of its forward pass. A backbone of Random came from no folder and has none:
// ErrFolder. Other errors are those of preprocess.LoadImages.
func ImageProcessor(b *peft.Backbone) (*preprocess.ImageProcessor, error) {
	dir, err := folderOf(b, "image processor")
	if err != nil {
		return nil, err
	}
	return preprocess.LoadImages(dir)
}

// FeatureExtractor opens the feature extractor that lies in a backbone's folder: what turns sounds into arguments of its
// forward pass, as ImageProcessor does images. Errors are alike.
func FeatureExtractor(b *peft.Backbone) (*preprocess.FeatureExtractor, error) {
	dir, err := folderOf(b, "feature extractor")
	if err != nil {
		return nil, err
	}
	return preprocess.LoadAudio(dir)
}
