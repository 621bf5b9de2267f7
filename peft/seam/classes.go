package seam

import "fmt"

// GenericClasses gives the names that transformers has for n classes that nobody named: LABEL_0, LABEL_1, …
func GenericClasses(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("LABEL_%d", i)
	}
	return out
}

// AreGeneric reports whether the names of classes say nothing: there are none, or all are as GenericClasses has them.
func AreGeneric(names []string) bool {
	for i, name := range names {
		if name != fmt.Sprintf("LABEL_%d", i) {
			return false
		}
	}
	return true
}
