package preprocess_test

import (
	"fmt"

	"github.com/gopeft/gopeft/models/preprocess"
)

// An image as CLIP takes it.
func ExampleImageProcessor_Process() {
	processor, err := preprocess.ParseImages([]byte(`{"image_processor_type": "CLIPImageProcessor"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	photo, err := preprocess.ReadImage("testdata/images/rgba.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := processor.Process(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(in["pixel_values"].Shape())
	// Output: (Float32)[1, 3, 224, 224]
}

// Two sounds as wav2vec 2.0 takes them, the shorter one padded.
func ExampleFeatureExtractor_Process() {
	extractor, err := preprocess.ParseAudio([]byte(`{"feature_extractor_type": "Wav2Vec2FeatureExtractor", "return_attention_mask": true}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var sounds []preprocess.Sound
	for _, path := range []string{"testdata/audio/u8.wav", "testdata/audio/s24stereo.wav"} {
		s, err := preprocess.ReadWAV(path)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Rate, "Hz,", len(s.Channels), "channels,", len(s.Channels[0]), "samples")
		sounds = append(sounds, s)
	}
	in, err := extractor.Process(sounds...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(in["input_values"].Shape(), in["attention_mask"].Shape())
	// Output:
	// 8000 Hz, 1 channels, 90 samples
	// 44100 Hz, 2 channels, 101 samples
	// (Float32)[2, 180] (Int32)[2, 180]
}
