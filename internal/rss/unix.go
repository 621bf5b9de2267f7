//go:build unix

// Package rss tells how much memory the process has held.
package rss

import (
	"runtime"
	"syscall"
)

// Peak is the most memory the process has held, in MiB.
func Peak() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	unit := 1.0 / 1024 // kilobytes
	if runtime.GOOS == "darwin" {
		unit /= 1024 // bytes there
	}
	return float64(u.Maxrss) * unit
}
