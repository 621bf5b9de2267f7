package lora

import (
	"encoding/json"
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// Ranges are ranges of a model's blocks, each from a first one to the one before its end: [][2]int{{0, 4}, {2, 5}} means the
// blocks 0, 1, 2, 3, 2, 3, 4.
type Ranges [][2]int

// UnmarshalJSON reads a list of pairs.
func (r *Ranges) UnmarshalJSON(raw []byte) error {
	var pairs [][]int
	if err := json.Unmarshal(raw, &pairs); err != nil {
		return fmt.Errorf("want a list of pairs")
	}
	*r = Ranges{}
	for _, p := range pairs {
		if len(p) != 2 {
			return fmt.Errorf("want pairs, not %d numbers", len(p))
		}
		*r = append(*r, [2]int{p[0], p[1]})
	}
	return nil
}

const fieldReplication = "layer_replication"

// Replicated implements seam.Replicator.
func (c *Config) Replicated(layers int) ([]int, error) {
	if c.LayerReplication == nil {
		return nil, nil
	}
	var out []int
	for _, r := range c.LayerReplication {
		if r[0] < 0 || r[0] > r[1] || r[1] > layers {
			return nil, seam.Fieldf(fieldReplication, "[%d, %d) is no range of the %d blocks of this backbone", r[0], r[1], layers)
		}
		for i := r[0]; i < r[1]; i++ {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		return nil, seam.Fieldf(fieldReplication, "names no block")
	}
	return out, nil
}
