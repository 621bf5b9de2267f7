package main

import (
	"slices"
	"strings"
)

// pluralOf gives the plural of a phrase that ends in a noun.
func pluralOf(s string) string {
	for _, irregular := range [][2]string{
		{"mouse", "mice"}, {"sheep", "sheep"}, {"fish", "fish"}, {"knife", "knives"}, {"shelf", "shelves"}, {"children", "children"},
	} {
		if stem, ok := strings.CutSuffix(s, irregular[0]); ok {
			return stem + irregular[1]
		}
	}
	ends := func(suffixes ...string) bool {
		for _, suffix := range suffixes {
			if strings.HasSuffix(s, suffix) {
				return true
			}
		}
		return false
	}
	switch {
	case ends("ss", "ch", "sh", "x"):
		return s + "es"
	case ends("s"): // is one already
		return s
	case ends("y") && !ends("ay", "ey", "oy"):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// verbForm adds ed or ing to a verb, with the irregular ones among those of the text.
func verbForm(verb, suffix string) string {
	irregular := map[string]string{
		"begined": "began", "spended": "spent", "forgeted": "forgot", "leaveed": "left", "catched": "caught", "throwed": "threw", "oweed": "owed",
	}
	if s, ok := irregular[verb+suffix]; ok {
		return s
	}
	const vowels = "aeiou"
	n := len(verb)
	switch last := verb[n-1]; {
	case last == 'e':
		return verb[:n-1] + suffix
	case last == 'y' && suffix == "ed" && !strings.ContainsRune(vowels, rune(verb[n-2])):
		return verb[:n-1] + "ied"
	case slices.Contains(doubling, verb):
		return verb + string(last) + suffix
	}
	return verb + suffix
}

// doubling verbs double their last letter.
var doubling = []string{"stop", "drop", "swap", "spot", "plan", "scan", "chat", "fit", "begin", "forget", "refer"}
