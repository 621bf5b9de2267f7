package fishmask

import (
	"fmt"
	"math"

	"github.com/gopeft/gopeft/lora/internal/places"
	"github.com/gopeft/gopeft/peft/seam"
)

// choice is what the data say about each weight, and then which are chosen.
type choice struct {
	sum    *seam.Measured
	places map[string][]int // by target, of the weight row by row, ascending
}

// choose takes the share of all weights with the largest information. Of equal ones those go first that stand first.
func (c *choice) choose(share float64) error {
	paths := c.sum.Sites()
	var information [][]float32
	total := 0
	for _, path := range paths {
		flat, _, err := c.sum.Value(path, "information")
		if err != nil {
			return err
		}
		for _, v := range flat {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("%w: the information about a weight of %s is %v", seam.ErrTensor, path, v)
			}
		}
		information = append(information, flat)
		total += len(flat)
	}
	c.places = map[string][]int{}
	for i, chosen := range places.Largest(information, max(1, int(math.Round(share*float64(total))))) {
		c.places[paths[i]] = chosen
	}
	return nil
}
