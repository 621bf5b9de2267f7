package models_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// checkpoint writes a small BERT without a head, as a folder that stands for one from transformers.
func checkpoint() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "bert")
	if err != nil {
		log.Fatal(err)
	}
	config := []byte(`{"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 16, "num_hidden_layers": 2,
		"num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 100, "max_position_embeddings": 32}`)
	backbone, err := models.Random(config)
	if err == nil {
		err = backbone.Save(dir)
	}
	if err != nil {
		log.Fatal(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}

// Open a model for two classes. The checkpoint has no head for them, so one is drawn at random, to be trained.
func ExampleLoad() {
	dir, remove := checkpoint()
	defer remove()
	backbone, err := models.Load(dir, models.Head("sequence-classification"), models.Classes("bug", "praise"), models.HeadSeed(1))
	if err != nil {
		log.Fatal(err)
	}
	info := backbone.Info()
	fmt.Println(info.ModelType, info.Head, info.Classes)
	fmt.Println("drawn:", backbone.Origin().Drawn)

	out, err := backbone.Forward(context.Background(), peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{2, 17, 31, 3}, {2, 40, 3, 0}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1}, {1, 1, 1, 0}}),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("logits:", out["logits"].Shape())
	// Output:
	// bert sequence-classification [bug praise]
	// drawn: [classifier.weight classifier.bias]
	// logits: (Float32)[2, 2]
}

// What a folder holds, before it is opened.
func ExampleInspect() {
	dir, remove := checkpoint()
	defer remove()
	folder, err := models.Inspect(dir, models.Head("token-classification"), models.Classes("O", "PER", "LOC"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(folder.ModelType, folder.Head, folder.Classes)
	fmt.Println(folder.Layers, "layers of width", folder.Hidden)
	fmt.Println(folder.Parameters(), "parameters,", folder.Bytes("bfloat16"), "bytes in bfloat16")
	fmt.Println("on disk:", folder.OnDisk())
	fmt.Println("missing:", folder.Missing())
	// Output:
	// bert token-classification [O PER LOC]
	// 2 layers of width 16
	// 6675 parameters, 13350 bytes in bfloat16
	// on disk: map[Float32:27584]
	// missing: [classifier.weight classifier.bias]
}

// Open a model for data whose labels are known. A checkpoint that tells them apart already keeps its head and its order.
func ExampleLoadForClasses() {
	dir, remove := checkpoint()
	defer remove()
	backbone, err := models.LoadForClasses(dir, []string{"neg", "neu", "pos"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(backbone.Info().Head, backbone.Info().Classes, "new:", backbone.Origin().Drawn)
	if err := backbone.Save(dir); err != nil {
		log.Fatal(err)
	}
	again, err := models.LoadForClasses(dir, []string{"pos", "neg"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Info().Head, again.Info().Classes, "new:", again.Origin().Drawn)
	// Output:
	// sequence-classification [neg neu pos] new: [classifier.weight classifier.bias]
	// sequence-classification [neg neu pos] new: []
}

// Open a model for an adapter that was trained and saved before: it gets the head that the adapter's task_type asks for.
func ExampleLoadFor() {
	dir, remove := checkpoint()
	defer remove()
	saved, err := trained(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(saved)

	backbone, err := models.LoadFor(dir, saved)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(backbone.Info().Head, len(backbone.Info().Classes), "classes")
	adapted := peft.New(backbone)
	if _, err := adapted.LoadAs("tickets", saved); err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.Names())
	// Output:
	// sequence-classification 3 classes
	// [tickets]
}

// trained saves an adapter for three classes of the model in dir, which stands for one that was trained.
func trained(dir string) (string, error) {
	backbone, err := models.LoadForClasses(dir, []string{"bug", "praise", "question"})
	if err != nil {
		return "", err
	}
	adapted, err := peft.Attach(backbone, "tickets", &lora.Config{R: 2, Targets: peft.Match("query"), Common: peft.Common{TaskType: "SEQ_CLS"}})
	if err != nil {
		return "", err
	}
	saved, err := os.MkdirTemp("", "tickets")
	if err != nil {
		return "", err
	}
	adapter, err := adapted.Adapter("tickets")
	if err != nil {
		return "", err
	}
	return saved, adapter.Save(saved)
}

// Models that name the same engine share one. A program that wants to close its engine opens one of its own.
func ExampleBackend() {
	dir, remove := checkpoint()
	defer remove()
	one, err := models.Load(dir, models.Backend("go"))
	if err != nil {
		log.Fatal(err)
	}
	two, err := models.Load(dir, models.Backend("go"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("shared:", one.Engine() == two.Engine())

	own, err := peft.OpenEngine("go")
	if err != nil {
		log.Fatal(err)
	}
	defer own.Close() // after the last use of what runs on it
	three, err := models.Load(dir, models.On(own))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("its own:", three.Engine() == own)
	// Output:
	// shared: true
	// its own: true
}
