package seam

import (
	"fmt"
	"maps"
	"slices"
)

// Calibrator is implemented by methods whose first values depend on data, as EVA's do on what goes into each module. Users
// give the data with peft.Calibrate, when they attach a fresh adapter; one that is loaded needs none.
type Calibrator interface {
	// Calibration says what is to be measured under these settings, nil where they ask for no data.
	Calibration() *Calibration
}

// Calibration says what a method measures on batches of data, run through the bare backbone without dropout, before its first
// values are set.
type Calibration struct {
	// Setting names the setting that asks for data, as "init_lora_weights", for errors.
	Setting string
	// Gradients says that Measure asks for gradients of the loss. Batches then need labels.
	Gradients bool
	// EachRow measures the rows of a batch one at a time, as if each were a batch.
	EachRow bool
	// Measure gives what one batch tells of one site of the plan, by names of its choice; nil where nothing is measured.
	// Graph-building.
	Measure func(p *Probe) Nodes
	// Collect joins what a batch gave to what those before it came to, so, which is nil at first. Measuring ends when it is
	// enough, or with the last batch. nil adds element by element: so is then a *Measured.
	Collect func(so any, batch *Measured) (next any, enough bool, err error)
	// Refine gives the settings that the data lead to, such as another rank for each site, from a copy of the adapter's: they
	// take the place of those, and the adapter is planned again. nil leaves them.
	Refine func(cfg Config, so any) (Config, error)
}

// Measured is what was measured at the sites: on one batch, or summed over all.
type Measured struct {
	Batches int // how many, or rows where these are measured one at a time
	values  map[string]map[string]measurement
}

type measurement struct {
	flat  []float32
	shape []int
}

// NewMeasured makes one that holds nothing, of no batches.
func NewMeasured() *Measured { return &Measured{values: map[string]map[string]measurement{}} }

// Put sets what was measured at a site under a name, row by row. It takes flat over.
func (m *Measured) Put(site, name string, flat []float32, shape ...int) {
	if m.values[site] == nil {
		m.values[site] = map[string]measurement{}
	}
	m.values[site][name] = measurement{flat, slices.Clone(shape)}
}

// Sites lists the paths of the sites where anything was measured, sorted.
func (m *Measured) Sites() []string { return slices.Sorted(maps.Keys(m.values)) }

// Value gives what was measured at a site under a name, row by row, and its shape. Where there is none the error matches
// ErrTensor.
func (m *Measured) Value(site, name string) ([]float32, []int, error) {
	v, ok := m.values[site][name]
	if !ok {
		return nil, nil, fmt.Errorf("%w: no %q was measured at %s", ErrTensor, name, site)
	}
	return v.flat, v.shape, nil
}

// Add adds what a further batch gave, element by element, as a Calibration without Collect does.
func (m *Measured) Add(batch *Measured) error {
	for site, values := range batch.values {
		for name, v := range values {
			sum, ok := m.values[site][name]
			if !ok {
				m.Put(site, name, slices.Clone(v.flat), v.shape...)
				continue
			}
			if len(sum.flat) != len(v.flat) {
				return fmt.Errorf("%w: %q at %s has %d numbers in one batch and %d in another, so that they can't be added",
					ErrTensor, name, site, len(sum.flat), len(v.flat))
			}
			for i, x := range v.flat {
				sum.flat[i] += x
			}
		}
	}
	m.Batches += batch.Batches
	return nil
}

// Join joins a batch to what those before it came to, by Collect or, without, by adding.
func (c *Calibration) Join(so any, batch *Measured) (next any, enough bool, err error) {
	if c.Collect != nil {
		return c.Collect(so, batch)
	}
	sum, ok := so.(*Measured)
	if !ok {
		sum = NewMeasured()
	}
	return sum, false, sum.Add(batch)
}
