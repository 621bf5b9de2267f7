package seam

import (
	"fmt"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Export is what an Exporter is given: the adapter that is written to a file.
type Export struct {
	Info   Info    // of the backbone
	Values Tensors // what would be written, by file key
	Sites  []Site  // where the adapter acts

	Plan *Plan     // the adapter's plan
	Now  []*Tensor // its values, one for each of Plan.Params
	// Compute computes something from the adapter's values on the backbone's engine. build is given an At that stands at
	// no site; its Global and ParamOf give the values. The graph is kept and used again, so build must make the same one
	// each time.
	Compute func(build func(at *At) *Node) (*Tensor, error)
}

// Has reports whether the adapter has a value of a name (Param.Name) at a site.
func (e *Export) Has(site, name string) bool { return e.Plan.index(site, name) >= 0 }

// Flat copies the value of a name at a site, also a constant one, row by row. One that the plan lacks is an error that
// matches ErrTensor.
func (e *Export) Flat(site, name string) ([]float32, error) {
	if i := e.Plan.index(site, name); i >= 0 {
		return safetensors.Floats(e.Now[i])
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}

// FanInFanOut is what the setting fan_in_fan_out is to say in the file: whether transformers keeps the weights of the linear
// maps where the adapter acts [in, out] (Site.FanInFanOut). HF PEFT goes through them in this order; where they differ, the
// last one tells.
func (e *Export) FanInFanOut() bool {
	swapped := false
	for _, s := range e.Sites {
		if s.Kind == Linear {
			swapped = s.FanInFanOut
		}
	}
	return swapped
}
