package fishmask

import (
	"fmt"
	"math"
	"slices"

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
	information := map[string][]float32{}
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
		information[path] = flat
		total += len(flat)
	}
	left := max(1, int(math.Round(share*float64(total))))
	all := make([]float32, 0, total)
	for _, path := range paths {
		all = append(all, information[path]...)
	}
	slices.Sort(all)
	bound := all[total-left]
	ties := left // how many of those equal to the bound are taken
	for _, v := range all[total-left:] {
		if v > bound {
			ties--
		}
	}
	c.places = map[string][]int{}
	for _, path := range paths {
		c.places[path] = []int{}
		for i, v := range information[path] {
			switch {
			case v == bound && ties > 0:
				ties--
			case !(v > bound):
				continue
			}
			c.places[path] = append(c.places[path], i)
		}
	}
	return nil
}
