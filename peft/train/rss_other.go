//go:build !unix

package train

import "runtime"

// PeakRSS is the memory the Go runtime has obtained, in MiB, where the system doesn't tell the process's peak.
func PeakRSS() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / (1 << 20)
}
