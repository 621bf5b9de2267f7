package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
)

// asStored is the dtype "auto": each value is held as the file has it.
const asStored = dtypes.InvalidDType

// otherDTypes are names by which others call the known ones.
var otherDTypes = map[string]string{
	"fp32": "float32", "f32": "float32", "float": "float32", "single": "float32",
	"fp16": "float16", "f16": "float16", "half": "float16",
	"bf16": "bfloat16", "bfloat": "bfloat16",
}

var knownDTypes = []string{"auto", "bfloat16", "float16", "float32"}

func parseDType(name string) (dtypes.DType, error) {
	switch name {
	case "", "float32":
		return dtypes.Float32, nil
	case "bfloat16":
		return dtypes.BFloat16, nil
	case "float16":
		return dtypes.Float16, nil
	case "auto":
		return asStored, nil
	}
	meant := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "torch.")
	if other, ok := otherDTypes[meant]; ok {
		meant = other
	}
	known := strings.Join(knownDTypes, ", ")
	if slices.Contains(knownDTypes, meant) {
		return asStored, fmt.Errorf("%w: DType(%q): write %q (known: %s)", ErrOption, name, meant, known)
	}
	return asStored, fmt.Errorf("%w: DType(%q) is not known (known: %s)", ErrOption, name, known)
}
