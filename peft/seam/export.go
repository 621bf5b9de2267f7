package seam

import (
	"fmt"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Export is what an Exporter works with.
type Export struct {
	Info   Info    // of the backbone
	Values Tensors // by file key
	Sites  []Site  // where the adapter acts

	// Plan is the adapter's, and Now its values in the order of the plan's params.
	Plan *Plan
	Now  []*Tensor
	// Compute runs a graph of the adapter's values on its backbone's engine. build is given an At without a site, whose
	// Global and ParamOf give the values, and always makes the same graph of them.
	Compute func(build func(at *At) *Node) (*Tensor, error)
}

// Has reports whether the adapter keeps a value of that name at a site.
func (e *Export) Has(site, name string) bool { return e.Plan.index(site, name) >= 0 }

// Flat copies a value of a site out by name, constants included, row by row.
func (e *Export) Flat(site, name string) ([]float32, error) {
	if i := e.Plan.index(site, name); i >= 0 {
		return safetensors.Floats(e.Now[i])
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}
