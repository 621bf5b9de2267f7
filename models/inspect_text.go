package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// String describes the checkpoint in a few lines, for people.
func (f *Folder) String() string {
	var s strings.Builder
	task := f.Head
	if task == "" {
		task = "no head"
	}
	fmt.Fprintf(&s, "%s: %s, %s; %d layers of width %d\n", f.Dir, f.ModelType, task, f.Layers, f.Hidden)
	const mib = 1 << 20
	fmt.Fprintf(&s, "%d parameters: %.1f MiB in float32, %.1f MiB in bfloat16 or float16\n",
		f.Parameters(), float64(f.Bytes("float32"))/mib, float64(f.Bytes("bfloat16"))/mib)
	if f.file == nil {
		s.WriteString("no weights\n")
	}
	disk := f.OnDisk()
	for _, dtype := range slices.Sorted(maps.Keys(disk)) {
		fmt.Fprintf(&s, "%.1f MiB on disk in %s\n", float64(disk[dtype])/mib, dtype)
	}
	if missing := f.Missing(); f.file != nil && len(missing) > 0 {
		fmt.Fprintf(&s, "missing: %s\n", strings.Join(missing, ", "))
	}
	tied := f.Tied()
	for _, path := range slices.Sorted(maps.Keys(tied)) {
		fmt.Fprintf(&s, "%s is %s\n", path, tied[path])
	}
	kinds := map[string]int{}
	for _, site := range f.Sites() {
		kinds[site.Kind.String()]++
	}
	s.WriteString("sites:")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&s, " %d %s", kinds[kind], kind)
	}
	if !f.Tokenizer {
		s.WriteString("\nno tokenizer.json")
	}
	return s.String()
}
