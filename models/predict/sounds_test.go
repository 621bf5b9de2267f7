package predict_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/peft"
)

// speaker is the config of a tiny wav2vec 2.0.
func speaker(class, more string) string {
	return `{"model_type": "wav2vec2", "architectures": ["` + class + `"], "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
		"conv_dim": [4, 6], "conv_kernel": [5, 3], "conv_stride": [3, 2], "num_feat_extract_layers": 2, "feat_extract_norm": "layer", "do_stable_layer_norm": true,
		"num_conv_pos_embeddings": 5, "num_conv_pos_embedding_groups": 2, "vocab_size": 9, "pad_token_id": 0, "classifier_proj_size": 6, "apply_spec_augment": false` + more + `}`
}

// hum is a sound of so many samples.
func hum(samples int, pitch float64) preprocess.Sound {
	x := make([]float32, samples)
	for i := range x {
		x[i] = float32(math.Sin(pitch*float64(i)) * math.Exp(-float64(i)/100))
	}
	return preprocess.Sound{Rate: 8000, Channels: [][]float32{x}}
}

var sounds = predict.Sounds{hum(60, 0.3), hum(200, 0.9), hum(61, 1.7), hum(60, 2.1), hum(97, 0.1)}

// extractor is a preprocessor_config.json with or without a mask.
func extractor(mask string) string {
	return `{"feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 8000, "return_attention_mask": ` + mask + `}`
}

// A sound's answer is its own, whatever is padded beside it, with and without a mask.
func TestSounds(t *testing.T) {
	golden.OnGo(t)
	for _, mask := range []string{"true", "false"} {
		a := open(t, speaker("Wav2Vec2ForSequenceClassification", three), "", map[string]string{"preprocessor_config.json": extractor(mask)})
		p, err := predict.New(a, predict.Options{BatchSize: 2})
		require.NoError(t, err)
		got, err := p.Classes(t.Context(), peft.Base(), sounds)
		require.NoError(t, err)
		for i, sound := range sounds {
			same(t, softmax(heard[float32](t, a, "logits", sound)), got[i])
		}
		_, err = p.Classes(t.Context(), peft.Base(), predict.SoundFiles{"absent.wav"})
		require.ErrorContains(t, err, "absent.wav")
		_, err = p.Classes(t.Context(), peft.Base(), predict.Sounds{sounds[0], {Rate: 8000}})
		require.ErrorIs(t, err, preprocess.ErrAudio)
		require.ErrorContains(t, err, "input 1")
	}
}

// heard gives an output for one sound by itself.
func heard[T interface{ float32 | int32 }](t *testing.T, a *peft.Adapted, name string, sound preprocess.Sound) []T {
	t.Helper()
	fe, err := models.FeatureExtractor(a.Backbone())
	require.NoError(t, err)
	in, err := fe.Process(sound)
	require.NoError(t, err)
	out, err := a.Forward(t.Context(), peft.Base(), in)
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[T](out[name])
	require.NoError(t, err)
	return flat
}

// A transcript is the likeliest class of each frame, without repeats and blanks, in the letters of vocab.json.
func TestTranscripts(t *testing.T) {
	golden.OnGo(t)
	letters := []string{"<pad>", "A", "B", "|", "C", "D", "E", "F", "G"}
	files := map[string]string{
		"preprocessor_config.json": extractor("true"),
		"vocab.json":               `{"<pad>": 0, "A": 1, "B": 2, "|": 3, "C": 4, "D": 5, "E": 6, "F": 7, "G": 8}`,
		"tokenizer_config.json":    `{"word_delimiter_token": "|", "do_lower_case": true}`,
	}
	a := open(t, speaker("Wav2Vec2ForCTC", ""), "", files)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	got, err := p.Transcripts(t.Context(), peft.Base(), sounds)
	require.NoError(t, err)
	written := ""
	for i, sound := range sounds {
		logits := heard[float32](t, a, "logits", sound)
		want, before := "", -1
		for frame := 0; frame < len(logits); frame += 9 {
			best := 0
			for j := range 9 {
				if logits[frame+j] > logits[frame+best] {
					best = j
				}
			}
			if best != before && best != 0 {
				want += strings.Replace(letters[best], "|", " ", 1)
			}
			before = best
		}
		require.Equal(t, strings.ToLower(strings.TrimSpace(want)), got[i])
		written += got[i]
	}
	require.NotEmpty(t, written)

	delete(files, "vocab.json")
	p, err = predict.New(open(t, speaker("Wav2Vec2ForCTC", ""), "", files), predict.Options{})
	require.NoError(t, err)
	_, err = p.Transcripts(t.Context(), peft.Base(), sounds)
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "vocab.json is missing")
}
