package models

import (
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/peft"
)

// ImageProcessor opens the image processor in a backbone's folder; what it gives are arguments of the backbone's forward
// pass. A backbone that came from no folder has none: the error matches ErrFolder.
func ImageProcessor(b *peft.Backbone) (*preprocess.ImageProcessor, error) {
	dir, err := folderOf(b, "image processor")
	if err != nil {
		return nil, err
	}
	return preprocess.LoadImages(dir)
}

// FeatureExtractor opens the feature extractor in a backbone's folder, which does for sounds what ImageProcessor does for
// images.
func FeatureExtractor(b *peft.Backbone) (*preprocess.FeatureExtractor, error) {
	dir, err := folderOf(b, "feature extractor")
	if err != nil {
		return nil, err
	}
	return preprocess.LoadAudio(dir)
}
