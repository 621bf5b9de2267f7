package safetensors

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
)

// dtypeInfo ties a dtype's name in files to GoMLX's.
type dtypeInfo struct {
	name  string
	dtype dtypes.DType
	size  int64 // bytes per value
}

// dtypeTable returns the supported dtypes in the order in which the reference
// writer lays tensors out, the largest alignment first. (The reference's list
// has more members between these; their relative order is the same.)
func dtypeTable() []dtypeInfo {
	return []dtypeInfo{
		{"U64", dtypes.Uint64, 8},
		{"I64", dtypes.Int64, 8},
		{"F64", dtypes.Float64, 8},
		{"F32", dtypes.Float32, 4},
		{"U32", dtypes.Uint32, 4},
		{"I32", dtypes.Int32, 4},
		{"BF16", dtypes.BFloat16, 2},
		{"F16", dtypes.Float16, 2},
		{"U16", dtypes.Uint16, 2},
		{"I16", dtypes.Int16, 2},
		{"I8", dtypes.Int8, 1},
		{"U8", dtypes.Uint8, 1},
		{"BOOL", dtypes.Bool, 1},
	}
}

func dtypeByName(name string) (dtypeInfo, bool) {
	table := dtypeTable()
	i := slices.IndexFunc(table, func(d dtypeInfo) bool { return d.name == name })
	if i < 0 {
		return dtypeInfo{}, false
	}
	return table[i], true
}

// dtypeRank returns a dtype's row in the table, or -1.
func dtypeRank(dtype dtypes.DType) int {
	return slices.IndexFunc(dtypeTable(), func(d dtypeInfo) bool { return d.dtype == dtype })
}
