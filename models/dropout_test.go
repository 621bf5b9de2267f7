package models_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Dropout stands wherever transformers' forward calls one: that many times, and for each field only where it rules.
// (With one layer: attention's probabilities, its output, the feed-forward's, and the embeddings make 4 of BERT's.)
func TestPlacesOfDropout(t *testing.T) {
	on := engine(t)
	half := func(field string) string { return `,"` + field + `":0.5` }
	for _, c := range []struct {
		family, class, more string
		want                int
	}{
		{"roberta", "RobertaForSequenceClassification", "", 0},
		{"roberta", "RobertaForSequenceClassification", half("hidden_dropout_prob"), 5}, // the head's two as well
		{"roberta", "RobertaForSequenceClassification", half("hidden_dropout_prob") + half("classifier_dropout"), 5},
		{"roberta", "RobertaForSequenceClassification", half("classifier_dropout"), 2},
		{"roberta", "RobertaForSequenceClassification", half("attention_probs_dropout_prob"), 1},
		{"roberta", "RobertaForTokenClassification", half("classifier_dropout"), 1},
		{"roberta", "RobertaForQuestionAnswering", half("classifier_dropout"), 0},
		{"roberta", "RobertaForMaskedLM", half("hidden_dropout_prob"), 3},
		{"distilbert", "DistilBertModel", `,"dropout":0.5`, 2}, // none behind attention's output
		{"distilbert", "DistilBertModel", `,"attention_dropout":0.5`, 1},
		{"distilbert", "DistilBertForSequenceClassification", "", 1}, // 0.2 by default
		{"distilbert", "DistilBertForSequenceClassification", `,"seq_classif_dropout":0`, 0},
		{"distilbert", "DistilBertForTokenClassification", `,"dropout":0.5`, 3},
		{"distilbert", "DistilBertForQuestionAnswering", "", 1}, // 0.1 by default
		{"distilbert", "DistilBertForMaskedLM", `,"dropout":0.5`, 2},
		{"vit", "ViTForImageClassification", `,"hidden_dropout_prob":0.5`, 3},
		{"vit", "ViTForImageClassification", `,"attention_probs_dropout_prob":0.5`, 1},
		{"vit", "ViTModel", "", 0},
	} {
		b, err := models.Random(smallConfig(c.family, c.class, c.more), on)
		require.NoError(t, err)
		require.Equal(t, c.want, dropouts(t, b, argument(c.family)), "%s%s", c.class, c.more)
	}
}

// dropouts counts them in the graph of a training pass: nothing else compares with ">=".
func dropouts(t *testing.T, b *peft.Backbone, in peft.Tensors) int {
	t.Helper()
	n := 0
	p := peft.Program{Key: "count", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		out := c.Forward(in)
		for _, node := range c.Graph().Nodes() {
			if node.Type() == graph.NodeTypeGreaterOrEqual {
				n++
			}
		}
		for _, y := range out {
			return []*seam.Node{y}
		}
		return nil
	}}
	_, err := peft.New(b).Run(context.Background(), p, peft.Base(), in, []*tensors.Tensor{peft.RandomState(1)}, nil)
	require.NoError(t, err)
	return n
}

// Encoder-decoders' dropouts, with one block in each stack.
func TestPlacesOfEncoderDecodersDropout(t *testing.T) {
	on := engine(t)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 4, 2}}), "decoder_input_ids": tensors.FromValue([][]int32{{3, 4, 5}})}
	const quiet = `,"dropout":0`
	for _, c := range []struct {
		config []byte
		want   int
	}{
		{tinyT5("T5ForConditionalGeneration", ""), 14}, // two at the ends of each stack, two in each sub-layer
		{tinyT5("T5ForSequenceClassification", `,"dropout_rate":0,"classifier_dropout":0.5,"eos_token_id":2`), 2},
		{tinyBART("BartForConditionalGeneration", ""), 7}, // one at the start of each stack, one in each sub-layer
		{tinyBART("BartForConditionalGeneration", quiet+`,"attention_dropout":0.5`), 3},
		{tinyBART("BartForConditionalGeneration", quiet+`,"activation_dropout":0.5`), 2},
		{tinyBART("BartForSequenceClassification", quiet+`,"classifier_dropout":0.5`), 2},
	} {
		b, err := models.Random(c.config, on)
		require.NoError(t, err)
		require.Equal(t, c.want, dropouts(t, b, in), "%s", c.config)
	}
}

// Decoders' dropouts: attention's probabilities in each of two blocks, and where a family has them, sub-layers' outputs
// and the embeddings.
func TestPlacesOfDecodersDropout(t *testing.T) {
	on := engine(t)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 4, 5}})}
	for _, c := range []struct {
		config []byte
		want   int
	}{
		{tinyDecoder("llama", "LlamaForCausalLM", ""), 0},
		{tinyDecoder("llama", "LlamaForCausalLM", `,"attention_dropout":0.5`), 2},
		{tinyDecoder("gemma2", "Gemma2ForCausalLM", `,"attention_dropout":0.5`), 2},
		{tinyDecoder("phi3", "Phi3ForCausalLM", `,"embd_pdrop":0.5`), 0}, // a field that transformers never reads
		{tinyDecoder("phi3", "Phi3ForCausalLM", `,"resid_pdrop":0.5`), 4},
		{tinyGPT2("GPT2LMHeadModel", ""), 7},
	} {
		b, err := models.Random(c.config, on)
		require.NoError(t, err)
		require.Equal(t, c.want, dropouts(t, b, in), "%s", c.config)
	}
}
