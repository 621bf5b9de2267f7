package seam_test

import (
	"fmt"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// BiasConfig is the settings of BitFit (Ben Zaken et al. 2022, arXiv:2106.10199), which trains the biases and nothing else.
// There is nothing to set.
type BiasConfig struct{ seam.Common }

// PEFTType names the method in adapter_config.json.
func (*BiasConfig) PEFTType() string { return "BITFIT" }

// Method makes the method.
func (*BiasConfig) Method() (seam.Method, error) { return biases{}, nil }

// biases has no hooks: all it does is to keep values that stand for frozen ones.
type biases struct{}

// Plan implements seam.Method: a copy of every bias of a linear map, trained in its place.
func (biases) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan := &seam.Plan{}
	for _, s := range b.OfKind(seam.Linear) {
		path := s.Path + ".bias"
		if shape, ok := b.Shape(path); ok {
			plan.Params = append(plan.Params, seam.Param{Site: s.Path, Name: "bias", Shape: shape, Replaces: path, InPlace: true})
		}
	}
	return plan, nil
}

// GraphKey implements seam.Method: no setting is built into a graph.
func (biases) GraphKey() string { return "" }

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(BiasConfig) }}) }

// A registered method's adapters open from files by their peft_type. Register it in an init function, as the one of this
// file does.
func ExampleRegister() {
	cfg, err := peft.ParseConfig([]byte(`{"peft_type": "BITFIT"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	backbone, err := pefttest.Tiny()
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal(), "train")
	// Output: 47 of 1023 train
}
