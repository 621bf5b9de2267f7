//go:build !cgo || !(linux || darwin)

package engine

import (
	"fmt"

	"github.com/gomlx/compute"
)

// openXLA has no XLA to open in this build.
func openXLA(s spec) (compute.Backend, error) {
	return nil, fmt.Errorf("engine %q: %w", s.name(), ErrNoXLA)
}
