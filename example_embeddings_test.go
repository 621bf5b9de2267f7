package gopeft_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Teach a backbone which sentences mean the same: their embeddings come closer to each other than to those of other sentences.
// The loss is one's own, on the states of the tokens, and "group" is a tensor that only the loss reads.
func Example_embeddings() {
	if err := embed(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// further apart than before: true
}

func embed() error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "embeddings-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := sample.Export(dir); err != nil { // stands for a folder of your own, such as "all-MiniLM-L6-v2"
		return err
	}
	backbone, err := models.Load(dir, models.Head("")) // without a head
	if err != nil {
		return err
	}
	tok, err := models.Tokenizer(backbone)
	if err != nil {
		return err
	}
	adapted, err := peft.Attach(backbone, "meaning", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
	if err != nil {
		return err
	}
	predictor, err := predict.New(adapted, predict.Options{Pooling: predict.MeanPooling, Normalize: new(true)})
	if err != nil {
		return err
	}
	closer := func(sel peft.Selection) (same, other float64, err error) {
		v, err := predictor.Embeddings(ctx, sel, []string{"where is my parcel", "my order has not come", "refund me"})
		if err != nil {
			return 0, 0, err
		}
		for i := range v[0] { // of length 1, so that the product is the cosine
			same += float64(v[0][i] * v[1][i])
			other += float64(v[0][i] * v[2][i])
		}
		return same, other, nil
	}
	same0, other0, err := closer(peft.Base())
	if err != nil {
		return err
	}

	batch, err := sentences(tok)
	if err != nil {
		return err
	}
	trainer, err := train.New(adapted, train.Options{
		Optimizer: optim.AdamW{LR: 3e-3}, Steps: 12, Loss: alike, LossInputs: []string{"group"},
	})
	if err != nil {
		return err
	}
	if _, err := trainer.FitSource(ctx, batch); err != nil {
		return err
	}
	same, other, err := closer(peft.Use("meaning"))
	if err != nil {
		return err
	}
	fmt.Println("further apart than before:", same-other > same0-other0+0.3)
	return nil
}

// sentences are a batch of texts with the group that each belongs to.
func sentences(tok tokenizer.Tokenizer) (data.Fixed, error) {
	batch, err := data.Encoder{Tokenizer: tok}.Encode([]data.Example{
		{Text: "where is the parcel I ordered"}, {Text: "my parcel has not come"}, {Text: "when will my order arrive"},
		{Text: "give me my money back"}, {Text: "please refund the order"}, {Text: "I want a refund"},
	}, 0)
	if err == nil {
		batch.Tensors["group"] = tensors.FromValue([]int32{0, 0, 0, 1, 1, 1})
	}
	return data.Fixed{Batch: batch}, err
}

// alike is the mean squared difference between the cosine of two sentences and 1 where they are of a group, else 0.
func alike(p *train.Pass) *graph.Node {
	x := p.Output("last_hidden_state")
	mask := graph.ConvertDType(graph.InsertAxes(p.Input("attention_mask"), -1), x.DType())
	v := graph.L2Normalize(graph.ReduceSum(graph.Mul(x, mask), 1), -1)
	group := graph.InsertAxes(p.Input("group"), -1)
	same := graph.ConvertDType(graph.Equal(group, graph.Transpose(group, 0, 1)), x.DType())
	return graph.ReduceAllMean(graph.Square(graph.Sub(graph.MatMul(v, graph.Transpose(v, 0, 1)), same)))
}
