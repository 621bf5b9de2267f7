package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The text format as https://prometheus.io/docs/instrumenting/exposition_formats describes it.
func TestFamilies(t *testing.T) {
	c := newFamily("c_total", "Back\\slash and\nline.", counter, "code", "adapter")
	c.add(1, "200", "b")
	c.add(2, "200", `quo"te\`+"\n")
	c.add(1, "200", "b")
	g := newFamily("g", "A gauge.", gauge)
	h := newHistogram("h_seconds", "A histogram.", 0.5, 1)
	for _, x := range []float64{0.25, 0.5, 0.75, 3} {
		h.observe(x)
	}
	var b strings.Builder
	for _, f := range []*family{c, g, h} {
		require.NoError(t, f.write(&b))
	}
	require.Equal(t, `# HELP c_total Back\\slash and\nline.
# TYPE c_total counter
c_total{code="200",adapter="b"} 2
c_total{code="200",adapter="quo\"te\\\n"} 2
# HELP g A gauge.
# TYPE g gauge
g 0
# HELP h_seconds A histogram.
# TYPE h_seconds histogram
h_seconds_bucket{le="0.5"} 2
h_seconds_bucket{le="1"} 3
h_seconds_bucket{le="+Inf"} 4
h_seconds_sum 4.5
h_seconds_count 4
`, b.String())
}
