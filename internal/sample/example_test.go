package sample_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft/data"
)

func Example() {
	dir, err := os.MkdirTemp("", "sample-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := sample.Export(dir); err != nil {
		fmt.Println(err)
		return
	}
	info, err := models.Inspect(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	examples, err := data.ReadJSONL(filepath.Join(dir, sample.TrainFile), data.Fields{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.ModelType, info.Layers, "layers,", info.Hidden, "wide")
	fmt.Printf("%q is %s\n", examples[0].Text, examples[0].Label)
	// Output:
	// bert 4 layers, 128 wide
	// "Where is my parcel? I ordered it nine days ago." is tracking
}
