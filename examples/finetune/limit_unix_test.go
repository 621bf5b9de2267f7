//go:build unix

package main

import (
	"os"
	"strconv"
	"syscall"
)

// fileLimit says how many bytes a file may have at most, as if the disk were full then.
const fileLimit = "GOPEFT_TEST_FILE_LIMIT"

func limitFiles() {
	if n, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 63); err == nil {
		var limit syscall.Rlimit
		limit.Cur, limit.Max = n, n
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			panic(err)
		}
	}
}
