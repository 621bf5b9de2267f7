package ia3_test

import (
	"testing"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// (IA)^3 on a convolution is HF PEFT's, which does not merge what it scales before a convolution in groups.
func TestConvolutionsOfHFPEFT(t *testing.T) { golden.Convolutions(t, "testdata/convolutions", "") }
