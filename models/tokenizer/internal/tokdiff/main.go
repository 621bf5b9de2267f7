// Command tokdiff compares the tokenizer in Go with the one over the Rust library on random texts.
//
//	go run -tags daulet ./models/tokenizer/internal/tokdiff -n 200000 models/tokenizer/testdata/*/tokenizer.json
//
// A file may also hold many tokenizers, as testdata/components.json does.
// It prints what differs, in which field and where, and exits with 1 if anything does. Word ids are left out: the
// Rust library's Go API has none.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"

	"github.com/gopeft/gopeft/models/tokenizer"
)

func main() {
	n := flag.Int("n", 2000, "texts for each tokenizer")
	seed := flag.Uint64("seed", 1, "of the random texts")
	most := flag.Int("most", 5, "differences shown for each tokenizer")
	flag.Parse()
	bad := 0
	for _, path := range flag.Args() {
		found, err := compareFile(path, *n, *seed, *most)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fmt.Printf("%s: %d texts, %d differences\n", path, *n, found)
		bad += found
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// compareFile compares the tokens of the tokenizer at path, and its words.
func compareFile(path string, n int, seed uint64, most int) (bad int, err error) {
	dir, err := os.MkdirTemp("", "tokdiff")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	files, err := components(path, dir)
	if err != nil {
		return 0, err
	}
	if files == nil {
		words, err := wordsOf(path, dir)
		if err != nil {
			return 0, err
		}
		files = []string{path, words}
	}
	tok, err := tokenizer.FromFile(files[0])
	if err != nil {
		return 0, err
	}
	for i, file := range files {
		found, err := compare(file, newTexts(rand.New(rand.NewPCG(seed, uint64(i))), tok), n, most)
		if err != nil {
			return 0, err
		}
		bad += found
	}
	return bad, nil
}

// compare returns how many of n texts differ.
func compare(path string, texts *texts, n, most int) (bad int, err error) {
	ours, err := tokenizer.FromFile(path)
	if err != nil {
		return 0, err
	}
	theirs, err := tokenizer.RustFromFile(path)
	if err != nil {
		return 0, err
	}
	for range n {
		text := texts.next()
		if diff := difference(ours, theirs, text); diff != "" {
			bad++
			if bad <= most {
				fmt.Printf("%s\n  text %q\n  %s\n", path, shrink(ours, theirs, text), diff)
			}
		}
	}
	return bad, nil
}

// difference describes the first field in which the tokenizers disagree about text, "" for none.
func difference(ours, theirs tokenizer.Tokenizer, text string) string {
	a, errA := ours.Encode(text, nil)
	b, errB := theirs.Encode(text, nil)
	if (errA == nil) != (errB == nil) {
		return fmt.Sprintf("errors: %v, %v", errA, errB)
	}
	if errA != nil {
		return ""
	}
	for _, f := range []struct {
		name string
		a, b any
	}{
		{"tokens", a.Tokens(), b.Tokens()},
		{"ids", a.IDs, b.IDs},
		{"offsets", a.Offsets, b.Offsets},
		{"byte offsets", a.ByteOffsets, b.ByteOffsets},
		{"type ids", a.TypeIDs, b.TypeIDs},
		{"special tokens", a.SpecialTokensMask, b.SpecialTokensMask},
		{"text", ours.Decode(a.IDs, false), theirs.Decode(a.IDs, false)},
		{"text without special tokens", ours.Decode(a.IDs, true), theirs.Decode(a.IDs, true)},
	} {
		if !reflect.DeepEqual(f.a, f.b) {
			return fmt.Sprintf("%s:\n    ours   %q\n    theirs %q", f.name, fmt.Sprint(f.a), fmt.Sprint(f.b))
		}
	}
	return ""
}

// shrink takes away what does not matter to the difference.
func shrink(ours, theirs tokenizer.Tokenizer, text string) string {
	runes := []rune(text)
	for size := len(runes) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(runes); {
			shorter := append(append([]rune{}, runes[:i]...), runes[i+size:]...)
			if difference(ours, theirs, string(shorter)) != "" {
				runes = shorter
			} else {
				i++
			}
		}
	}
	return string(runes)
}
