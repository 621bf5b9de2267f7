//go:build !(amd64 && goexperiment.simd)

package engine

const simdCompiled = false
