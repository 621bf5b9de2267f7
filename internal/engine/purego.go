package engine

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// SIMDCompiled reports whether this program contains the AVX kernels of the pure-Go engine:
// it was built with GOEXPERIMENT=simd for amd64. A processor without AVX2 falls back to the
// plain ones at run time.
func SIMDCompiled() bool { return simdCompiled }

// goOptions are the options of GoMLX's Go backend, as far as they decide about the deadlock.
type goOptions struct {
	sequential bool     // one operation after another
	workers    int      // size of the pool of workers: 0 none, below 0 unbounded
	given      []string // options for the backend, without parallelism
}

// parseGoOptions reads a user's options and changes those that could deadlock. Operations side
// by side need an unbounded pool; a user who bounds the pool gets them one after another.
func parseGoOptions(options []string) (goOptions, error) {
	o := goOptions{workers: -1}
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "parallelism":
			n, err := strconv.Atoi(value)
			if err != nil {
				return o, fmt.Errorf("engine: option %q of the Go engine: want a number of workers: %w", option, err)
			}
			o.workers = n
			continue // the backend announces this one on standard output
		case "ops_sequential":
			o.sequential = true
		case "ops_parallel":
			o.sequential = false
		}
		o.given = append(o.given, option)
	}
	if o.workers > 0 && !o.sequential {
		o.sequential = true
		o.given = append(o.given, "ops_sequential")
	}
	return o, nil
}

// openGo opens the pure-Go backend with settings that can't deadlock.
func openGo(s spec) (compute.Backend, error) {
	o, err := parseGoOptions(s.options)
	if err != nil {
		return nil, err
	}
	backend, err := gobackend.New(strings.Join(o.given, ","))
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if !setWorkers(backend, o.workers) && !o.sequential {
		return gobackend.New(strings.Join(append(o.given, "ops_sequential"), ","))
	}
	return backend, nil
}

// setWorkers sizes the backend's pool before its first use. The option "parallelism" does the
// same and prints a line to standard output, so the pool is reached through its exported field.
func setWorkers(backend compute.Backend, n int) bool {
	v := reflect.Indirect(reflect.ValueOf(backend))
	if v.Kind() != reflect.Struct {
		return false
	}
	field := v.FieldByName("Workers")
	if !field.IsValid() || !field.CanInterface() {
		return false
	}
	pool, ok := field.Interface().(interface{ SetMaxParallelism(int) })
	if ok {
		pool.SetMaxParallelism(n)
	}
	return ok
}

// PureGo reports whether a graph's backend is the pure-Go engine's.
func PureGo(b compute.Backend) bool { return b.String() == gobackend.BackendName }
