package seam_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// layer is a model of one's own: a single linear map of 2 numbers to 3. It holds no values, only how they are used.
type layer struct{}

// Info implements seam.Model.
func (layer) Info() seam.Info { return seam.Info{ModelType: "layer", Hidden: 2, Layers: 1} }

// Sites implements seam.Model: the places where adapters may act.
func (layer) Sites() []seam.Site {
	return []seam.Site{{Path: "map", Kind: seam.Linear, Layer: -1, In: 2, Out: 3}}
}

// Check implements seam.Model: it looks at the arguments before they reach a graph.
func (layer) Check(in seam.Tensors, _ int) error {
	if x := in["x"]; x == nil || x.Rank() != 2 || x.Shape().Dimensions[1] != 2 {
		return seam.Inputf("x", "want float32 [batch, 2]")
	}
	return nil
}

// Forward implements seam.Model. It asks the call for the map, and gets it with whatever adapters act in this call.
func (layer) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	return seam.Nodes{"y": c.Linear("map", in["x"])}
}

// A model of one's own lists its sites and asks the call at each of them. It knows no adapter: LoRA acts here because the
// model asked.
func ExampleModel() {
	ctx := context.Background()
	engine, err := peft.OpenEngine("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	values := seam.Tensors{
		"map.weight": tensors.FromValue([][]float32{{1, 0}, {0, 1}, {1, 1}}), // [out, in]
		"map.bias":   tensors.FromValue([]float32{0, 0, 10}),
	}
	backbone, err := peft.NewBackbone(layer{}, values, engine, seam.Origin{})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := peft.Tensors{"x": tensors.FromValue([][]float32{{1, 2}})}
	out, err := backbone.Forward(ctx, in)
	fmt.Println("bare:", out["y"], err)

	adapted, err := peft.Attach(backbone, "a", &lora.Config{R: 1, Alpha: 1, Targets: peft.Match("map")})
	if err != nil {
		fmt.Println(err)
		return
	}
	adapter, err := adapted.Adapter("a")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = adapter.Set(adapter.Config(), peft.Tensors{
		"base_model.model.map.lora_A.weight": tensors.FromValue([][]float32{{1, 1}}),
		"base_model.model.map.lora_B.weight": tensors.FromValue([][]float32{{100}, {0}, {0}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err = adapted.Forward(ctx, peft.Use("a"), in) // W x + b + B A x
	fmt.Println("LoRA:", out["y"], err)

	_, err = backbone.Forward(ctx, peft.Tensors{})
	fmt.Println(err)
	// Output:
	// bare: [1][3]float32{{1, 2, 13}} <nil>
	// LoRA: [1][3]float32{{301, 2, 13}} <nil>
	// x: want float32 [batch, 2]
}
