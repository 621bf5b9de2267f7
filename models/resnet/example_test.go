package resnet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// LoRA on every convolution, the classifier trained whole, and batch norms whose statistics follow the new images.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "resnet", "architectures": ["ResNetForImageClassification"], "layer_type": "basic",
		"embedding_size": 4, "hidden_sizes": [4, 8], "depths": [1, 1]}`), models.Backend("go"))
	if err != nil {
		log.Fatal(err)
	}
	cfg := &lora.Config{R: 2, Targets: peft.Match("convolution"), Common: peft.Common{ModulesToSave: []string{"classifier"}}}
	adapted, err := peft.Attach(backbone, "cats", cfg, peft.TrainStatistics())
	if err != nil {
		log.Fatal(err)
	}
	adapter, err := adapted.Adapter("cats")
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range adapter.Sites() {
		fmt.Println(path)
	}
	images := tensors.FromFlatDataAndDimensions(make([]float32, 2*3*16*16), 2, 3, 16, 16)
	out, err := adapted.Forward(context.Background(), adapted.All(), peft.Tensors{"pixel_values": images})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out["logits"].Shape().Dimensions)
	// Output:
	// resnet.embedder.embedder.convolution
	// resnet.encoder.stages.0.layers.0.layer.0.convolution
	// resnet.encoder.stages.0.layers.0.layer.1.convolution
	// resnet.encoder.stages.1.layers.0.shortcut.convolution
	// resnet.encoder.stages.1.layers.0.layer.0.convolution
	// resnet.encoder.stages.1.layers.0.layer.1.convolution
	// [2 2]
}
