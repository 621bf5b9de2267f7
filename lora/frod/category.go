package frod

import (
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// category names the modules that share V with the one at a path: those of the same place in other blocks. It is the last two names
// of the path, or the last one where the one before it is a number; BERT's attention.output.dense counts apart from its
// output.dense.
func category(path string) string {
	parts := strings.Split(path, ".")
	n := len(parts)
	switch {
	case n == 1:
		return path
	case isNumber(parts[n-2]):
		return parts[n-1]
	case n >= 3 && parts[n-3] == "attention" && parts[n-2] == "output" && parts[n-1] == "dense":
		return "attention_output"
	}
	return parts[n-2] + "_" + parts[n-1]
}

// block gives the number of a path's block: after "layers" or else the first number there is, and otherwise the fallback.
func block(path string, fallback int) int {
	parts := strings.Split(path, ".")
	for i, p := range parts[:len(parts)-1] {
		if p != "layers" {
			continue
		}
		if n, err := strconv.Atoi(parts[i+1]); err == nil {
			return n
		}
		break
	}
	for _, p := range parts {
		if isNumber(p) {
			n, _ := strconv.Atoi(p)
			return n
		}
	}
	return fallback
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// group is a category and its sites, in the model's order.
type group struct {
	name  string
	sites []seam.Site
}

// basis gives the sites whose weights make the category's V: of those of one block the last, as HF PEFT has it.
func (g *group) basis(count map[string]int) []seam.Site {
	at := map[int]int{}
	var out []seam.Site
	for _, s := range g.sites {
		b := block(s.Path, count[s.Path])
		if i, known := at[b]; known {
			out[i] = s
			continue
		}
		at[b] = len(out)
		out = append(out, s)
	}
	return out
}
