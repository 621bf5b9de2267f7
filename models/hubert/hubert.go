package hubert

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "hubert"; package models opens them.
var Family = arch.Family{
	ModelType: "hubert",
	Prefix:    "hubert",
	Tasks: map[string]string{
		"HubertModel":                     arch.Encoder,
		"HubertForCTC":                    arch.SpeechCTC,
		"HubertForSequenceClassification": arch.AudioClass,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := arch.ReadSpeech(c, "hubert", task)
	n.FeatureNorm = arch.Get(c, "feat_proj_layer_norm", true)
	arch.Only(c, "conv_pos_batch_norm", false)
	return n, c.Err()
}
