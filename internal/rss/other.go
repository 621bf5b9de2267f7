//go:build !unix

package rss

import "runtime"

// Peak is the memory the Go runtime has obtained, in MiB, where the system doesn't tell the process's peak.
func Peak() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / (1 << 20)
}
