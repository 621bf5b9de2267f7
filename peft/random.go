package peft

import "github.com/gomlx/gomlx/core/graph"

// RandomState gives the first random state of a training Program; each run of it gives the next.
func RandomState(seed uint64) (*Tensor, error) { return graph.RNGStateFromSeed(int64(seed)) }
