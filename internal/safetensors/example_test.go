package safetensors_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "adapter_model.safetensors")
	err = safetensors.Write(path, map[string]*tensors.Tensor{
		"lora_A.weight": tensors.FromValue([][]float32{{1, 2, 3}}),
		"lora_B.weight": tensors.FromValue([][]float32{{0}, {0.5}}),
	}, nil)
	if err != nil {
		panic(err)
	}

	f, err := safetensors.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Println(f.Metadata())
	for _, name := range f.Names() {
		t, err := f.Tensor(name)
		if err != nil {
			panic(err)
		}
		fmt.Println(name, t.Shape(), t.Value())
	}
	// Output:
	// map[format:pt]
	// lora_A.weight (Float32)[1, 3] [[1 2 3]]
	// lora_B.weight (Float32)[2, 1] [[0] [0.5]]
}

func ExampleFile_TensorAs() {
	f, err := safetensors.OpenCheckpoint("testdata", "dtypes") // testdata/dtypes.safetensors
	if err != nil {
		panic(err)
	}
	defer f.Close()
	t, err := f.TensorAs("float16.a", dtypes.Float32)
	fmt.Println(t, err)
	// Output:
	// [2]float32{1, 0} <nil>
}

func ExampleFormatError() {
	_, err := safetensors.FromBytes([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}data"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, safetensors.ErrFormat))
	// Output:
	// safetensors: (unnamed file): 4 bytes after the last tensor
	// true
}
