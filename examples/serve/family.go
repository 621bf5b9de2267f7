package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Kinds of metrics, as Prometheus' TYPE lines have them.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// family is a metric with all its label values.
type family struct {
	name, help, kind string
	labels           []string
	bounds           []float64 // upper ones of a histogram's buckets, ascending; +Inf is the last one's

	mu     sync.Mutex
	series map[string]*series // by their labels as they are written
}

// series is a metric with certain label values.
type series struct {
	value  float64  // the sum of a histogram's observations
	counts []uint64 // observations in each bucket of a histogram, not cumulative
}

// newFamily makes a counter or a gauge. One without labels is 0 at first, one with labels is empty.
func newFamily(name, help, kind string, labels ...string) *family {
	f := &family{name: name, help: help, kind: kind, labels: labels, series: map[string]*series{}}
	if len(labels) == 0 {
		f.add(0)
	}
	return f
}

// newHistogram makes a histogram without labels.
func newHistogram(name, help string, bounds ...float64) *family {
	f := &family{name: name, help: help, kind: histogram, bounds: append(bounds, math.Inf(1)), series: map[string]*series{}}
	f.series[""] = &series{counts: make([]uint64, len(f.bounds))}
	return f
}

// add adds to the series with these label values, in the order of the family's labels.
func (f *family) add(x float64, values ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at(values).value += x
}

// set sets the series with these label values.
func (f *family) set(x float64, values ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at(values).value = x
}

// observe puts a number into a histogram.
func (f *family) observe(x float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.at(nil)
	s.value += x
	s.counts[slices.IndexFunc(f.bounds, func(bound float64) bool { return x <= bound })]++
}

// at gives a series, a new one where there is none. The caller holds mu.
func (f *family) at(values []string) *series {
	var pairs []string
	for i, v := range values {
		pairs = append(pairs, f.labels[i]+`="`+inLabel.Replace(v)+`"`)
	}
	key := strings.Join(pairs, ",")
	if f.series[key] == nil {
		f.series[key] = &series{}
	}
	return f.series[key]
}

// What Prometheus' text format wants escaped.
var (
	inLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	inHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)

// write writes the family in Prometheus' text format, its series in the order of their labels.
func (f *family) write(w io.Writer) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", f.name, inHelp.Replace(f.help), f.name, f.kind)
	var keys []string
	for key := range f.series {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		s := f.series[key]
		if f.kind == histogram {
			f.buckets(&b, s)
			continue
		}
		if key != "" {
			key = "{" + key + "}"
		}
		fmt.Fprintf(&b, "%s%s %s\n", f.name, key, number(s.value))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// buckets writes a histogram, whose buckets count what is at most their bound.
func (f *family) buckets(b *strings.Builder, s *series) {
	total := uint64(0)
	for i, bound := range f.bounds {
		total += s.counts[i]
		fmt.Fprintf(b, "%s_bucket{le=\"%s\"} %d\n", f.name, number(bound), total)
	}
	fmt.Fprintf(b, "%s_sum %s\n%s_count %d\n", f.name, number(s.value), f.name, total)
}

// number writes a number as Prometheus does, "+Inf" among them.
func number(x float64) string {
	return strconv.FormatFloat(x, 'g', -1, 64)
}
