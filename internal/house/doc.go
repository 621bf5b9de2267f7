// Package house holds the laws of the source tree as tests: which package may import which, and
// what stands at the top level. It exports nothing. Run it alone with
//
//	go test ./internal/house
//
// The table of rooms is in table_test.go; a package that no row covers breaks the test, so a new
// room begins with its row.
package house
