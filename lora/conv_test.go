package lora_test

import (
	"testing"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// LoRA on a convolution is HF PEFT's.
func TestConvolutionsOfHFPEFT(t *testing.T) {
	golden.Convolutions(t, "testdata/convolutions", "conv convolves 2 groups of channels apart")
}
