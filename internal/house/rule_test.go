package house

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/gopeft/gopeft"

// covers reports whether a pattern of the table matches a path below the module's root.
func covers(pattern, path string) bool {
	if pattern == "..." || pattern == path {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	if base, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(path, base+"/")
	}
	return false
}

func coveredByAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return covers(pattern, path) })
}

// checkRoom gives the law that one of our packages breaks by importing another of ours, or nil.
func checkRoom(importer, imported string) error {
	if coveredByAny(testOnly, imported) && !(covers(golden, importer) && covers(golden, imported)) {
		return fmt.Errorf("%s imports %s, which is for _test files only", importer, imported)
	}
	i := roomOf(importer)
	if i < 0 {
		return fmt.Errorf("%s has no row in the import table", importer)
	}
	nested := covers(importer+"/...", imported) || covers(imported+"/...", importer)
	if nested && roomOf(imported) == i || coveredByAny(table[i].imports, imported) {
		return nil
	}
	return fmt.Errorf("%s imports %s; its room may import only: %s", importer, imported, strings.Join(table[i].imports, " "))
}

// roomOf is the index of the row that covers one of our packages, or -1.
func roomOf(path string) int {
	return slices.IndexFunc(table, func(r room) bool { return coveredByAny(r.packages, path) })
}

// checkGates gives the law that one of our packages breaks by importing a foreign one, or nil.
func checkGates(importer, foreign string) error {
	for _, gate := range gates {
		if covers(gate.foreign, foreign) && importer != gate.room {
			return fmt.Errorf("%s imports %s: %s", importer, foreign, gate.why)
		}
	}
	return nil
}

// ownPath is a package's path below the module's root, "." for the root itself.
func ownPath(importPath string) (path string, ours bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}
