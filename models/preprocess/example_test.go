package preprocess_test

import (
	"fmt"
	"math"

	"github.com/gopeft/gopeft/models/preprocess"
)

// An image as CLIP takes it: resized, cropped and normalised.
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

	// What is not supported is named.
	_, err = preprocess.ParseImages([]byte(`{"image_processor_type": "CLIPImageProcessor", "do_flip": true}`))
	fmt.Println(err)
	// Output:
	// (Float32)[1, 3, 224, 224]
	// bad preprocessor config: do_flip: is not supported
}

// Two recordings as wav2vec 2.0 takes them, the shorter one padded.
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

// A second of a tone of 440 Hz at the rate of a compact disc, and at that of speech models.
func ExampleResample() {
	tone := make([]float32, 44100)
	for i := range tone {
		tone[i] = float32(math.Sin(2 * math.Pi * 440 * float64(i) / 44100))
	}
	speech, err := preprocess.Resample(tone, 44100, 16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(speech))
	for i := 8000; i < 8004; i++ {
		fmt.Printf("%.2f, the tone itself %.2f\n", speech[i], math.Sin(2*math.Pi*440*float64(i)/16000))
	}
	// Output:
	// 16000
	// 0.00, the tone itself 0.00
	// 0.17, the tone itself 0.17
	// 0.34, the tone itself 0.34
	// 0.50, the tone itself 0.50
}

// A recording need not come from a file.
func ExampleSound_Mono() {
	stereo := preprocess.Sound{Rate: 16000, Channels: [][]float32{{0.5, 1, -0.5}, {0.25, 0, -0.5}}}
	mono, err := stereo.Mono()
	fmt.Println(mono, err)
	// Output: [0.375 0.5 -0.5] <nil>
}
