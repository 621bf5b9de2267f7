package wav2vec2

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "wav2vec2"; package models opens them.
var Family = arch.Family{
	ModelType: "wav2vec2",
	Prefix:    "wav2vec2",
	Tasks: map[string]string{
		"Wav2Vec2Model":                     arch.Encoder,
		"Wav2Vec2ForCTC":                    arch.SpeechCTC,
		"Wav2Vec2ForSequenceClassification": arch.AudioClass,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := arch.ReadSpeech(c, "wav2vec2", task)
	n.FeatureOutput, n.Augment.ByLength = true, true
	arch.Only(c, "add_adapter", false)
	if c.Has("adapter_attn_dim") {
		c.Failf("adapter_attn_dim", "is not supported")
	}
	return n, c.Err()
}
