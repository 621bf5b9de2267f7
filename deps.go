//go:build deps

package gopeft

import (
	_ "github.com/dlclark/regexp2"
	_ "github.com/edsrzf/mmap-go"
	_ "github.com/goccy/go-yaml"
	_ "github.com/gomlx/compute/gobackend"
	_ "github.com/gomlx/go-xla/compute/xla"
	_ "github.com/gomlx/gomlx/core/graph"
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/text/unicode/norm"
	_ "gonum.org/v1/gonum/mat"
)
