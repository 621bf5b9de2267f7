package main

import (
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// pretraining is the adapter that stands for all weights: its modules_to_save are the whole encoder, and its own
// values are the masked-LM head, which the bare encoder has not. It is of use to this program only.
type pretraining struct{ peft.Common }

func init() {
	seam.Register(seam.Spec{New: func() peft.Config { return new(pretraining) }})
}

// PEFTType implements peft.Config.
func (*pretraining) PEFTType() string { return "PRETRAINING" }

// Method implements peft.Config.
func (*pretraining) Method() (seam.Method, error) { return lmHead{}, nil }

// wholeEncoder names the modules that hold every weight of a BERT.
func wholeEncoder() []string { return []string{"embeddings", "encoder", "pooler"} }

// Values of the masked-LM head, by their names in transformers. The decoder is tied to the word embeddings.
const (
	headWeight, headBias   = "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias"
	headNorm, headNormBias = "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias"
	decoderBias            = "cls.predictions.bias"
)

type lmHead struct{}

func (lmHead) GraphKey() string { return "" }

func (lmHead) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	h, deviation := b.Info.Hidden, 0.02 // transformers' initializer_range
	return &seam.Plan{Params: []seam.Param{
		{Name: headWeight, Key: headWeight, Shape: []int{h, h}, Init: seam.Normal(deviation)},
		{Name: headBias, Key: headBias, Shape: []int{h}},
		{Name: headNorm, Key: headNorm, Shape: []int{h}, Fill: 1},
		{Name: headNormBias, Key: headNormBias, Shape: []int{h}},
		{Name: decoderBias, Key: decoderBias, Shape: []int{b.Info.Vocab}},
	}}, nil
}
