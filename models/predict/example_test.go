package predict_test

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// tiny makes a model with random weights, so that what it answers means nothing, and a predictor with a tokenizer. A real
// backbone is opened with models.Load, and its folder has the tokenizer.
func tiny(config string, o predict.Options) (*peft.Adapted, *predict.Predictor, error) {
	backbone, err := models.Random([]byte(config), models.Backend("go"), models.HeadSeed(1))
	if err != nil {
		return nil, nil, err
	}
	if o.Tokenizer, err = tokenizer.Load("../tokenizer/testdata/wordpiece"); err != nil {
		return nil, nil, err
	}
	adapted := peft.New(backbone)
	p, err := predict.New(adapted, o)
	return adapted, p, err
}

// Texts to the names of classes with their probabilities.
func ExamplePredictor_Classes() {
	_, p, err := tiny(bert("BertForSequenceClassification", `, "id2label": {"0": "praise", "1": "bug"}`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Classes(context.Background(), peft.Base(), predict.Texts{"it is an error", "the default is given by an integer"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Printf("%s %.2f, of %d classes\n", a.Class, a.Probability, len(a.Scores))
	}
	// Output:
	// bug 0.50, of 2 classes
	// bug 0.50, of 2 classes
}

// Each text with an adapter of its own, in one batch.
func ExamplePredictor_Classes_rows() {
	adapted, p, err := tiny(bert("BertForSequenceClassification", `, "id2label": {"0": "praise", "1": "bug"}`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mood := &lora.Config{Common: peft.Common{TaskType: "SEQ_CLS", Classes: []string{"glad", "sad"}}, R: 2, Targets: peft.Match("query")}
	if err := adapted.Attach("mood", mood); err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Classes(context.Background(), peft.Rows("mood", ""), predict.Texts{"it is an error", "it is an error"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Println(a.Scores[0].Class, "or", a.Scores[1].Class)
	}
	// Output:
	// glad or sad
	// praise or bug
}

// Classes that don't exclude each other, with a probability for each.
func ExamplePredictor_MultiLabel() {
	_, p, err := tiny(bert("BertForSequenceClassification", `, "problem_type": "multi_label_classification", "id2label": {"0": "urgent", "1": "rude"}`),
		predict.Options{Threshold: 0.3})
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.MultiLabel(context.Background(), peft.Base(), predict.Texts{"it is an error"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answers[0].Classes)
	// Output: [urgent rude]
}

// How alike two texts are, by a head with one output.
func ExamplePredictor_Numbers() {
	_, p, err := tiny(bert("BertForSequenceClassification", `, "num_labels": 1`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	numbers, err := p.Numbers(context.Background(), peft.Base(), predict.Pairs{{First: "a number", Second: "an integer"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", numbers[0][0])
	// Output:
	// -0.01
}

// Images to classes; the processor usually comes with the folder.
func ExamplePredictor_Classes_images() {
	processor, err := preprocess.ParseImages([]byte(`{"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, p, err := tiny(`{"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
		"intermediate_size": 24, "image_size": 8, "patch_size": 4, "id2label": {"0": "cat", "1": "dog"}}`, predict.Options{ImageProcessor: processor})
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Classes(context.Background(), peft.Base(), predict.Images{painted(20, 10, 0), painted(10, 10, 255)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Printf("%s %.2f\n", a.Class, a.Probability)
	}
	// Output:
	// cat 0.51
	// cat 0.50
}

// Sounds to classes; the feature extractor usually comes with the folder.
func ExamplePredictor_Classes_sounds() {
	extractor, err := preprocess.ParseAudio([]byte(extractor("true")))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, p, err := tiny(speaker("Wav2Vec2ForSequenceClassification", `, "id2label": {"0": "speech", "1": "music"}`), predict.Options{FeatureExtractor: extractor})
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Classes(context.Background(), peft.Base(), predict.Sounds{hum(100, 0.3), hum(300, 0.9)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Printf("%s %.2f\n", a.Class, a.Probability)
	}
	// Output:
	// music 0.50
	// music 0.50
}
