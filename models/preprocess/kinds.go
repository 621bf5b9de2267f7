package preprocess

import (
	"maps"
	"slices"
	"strings"
)

// imageKinds are the defaults of transformers' image processors, by class.
func imageKinds() map[string]ImageProcessor {
	halves := []float64{0.5, 0.5, 0.5}
	clip := ImageProcessor{
		resizes: true, size: target{shortest: 224}, filter: bicubic, crops: true, crop: target{height: 224, width: 224},
		mean: []float64{0.48145466, 0.4578275, 0.40821073}, deviation: []float64{0.26862954, 0.26130258, 0.27577711},
		convertsRGB: true,
	}
	return map[string]ImageProcessor{
		"CLIPImageProcessor":     clip,
		"BitImageProcessor":      clip,
		"ViTImageProcessor":      {resizes: true, size: target{height: 224, width: 224}, filter: bilinear, mean: halves, deviation: halves, square: true},
		"ConvNextImageProcessor": {resizes: true, size: target{shortest: 384}, filter: bicubic, cropShare: 224.0 / 256, mean: halves, deviation: halves},
	}
}

// imageKind finds the defaults for a class or, where it is "", those that go with a model_type.
func imageKind(class, modelType string) (ImageProcessor, error) {
	kinds := imageKinds()
	known := strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
	name := class
	if old, ok := strings.CutSuffix(class, "FeatureExtractor"); ok {
		name = old + "ImageProcessor"
	}
	if class == "" {
		switch modelType {
		case "clip", "clip_vision_model":
			name = "CLIPImageProcessor"
		case "vit":
			name = "ViTImageProcessor"
		case "resnet", "convnext":
			name = "ConvNextImageProcessor"
		case "bit":
			name = "BitImageProcessor"
		default:
			return ImageProcessor{}, configf("image_processor_type", "is missing, and model_type %q goes with none (known: %s)", modelType, known)
		}
	}
	kind, ok := kinds[name]
	if !ok {
		return ImageProcessor{}, configf("image_processor_type", "%q is not supported (known: %s)", class, known)
	}
	return kind, nil
}
