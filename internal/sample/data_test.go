package sample_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/peft/data"
)

// export gives a folder with the sample.
func export(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, sample.Export(dir))
	return dir
}

func read(t testing.TB, dir, name string) []data.Example {
	t.Helper()
	examples, err := data.ReadJSONL(filepath.Join(dir, name), data.Fields{})
	require.NoError(t, err)
	return examples
}

func TestSize(t *testing.T) {
	total := int64(0)
	require.NoError(t, fs.WalkDir(sample.Files(), ".", func(_ string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		if !d.IsDir() {
			total += info.Size()
		}
		return nil
	}))
	require.Less(t, total, int64(4<<20))
}

func TestExportGivesTheSameFiles(t *testing.T) {
	want, err := fs.Glob(sample.Files(), "*")
	require.NoError(t, err)
	got, err := filepath.Glob(filepath.Join(export(t), "*"))
	require.NoError(t, err)
	for i := range got {
		got[i] = filepath.Base(got[i])
	}
	require.Equal(t, want, got)
	require.Contains(t, got, "config.json")
	require.Error(t, sample.Export(filepath.Join(export(t), "config.json", "inside")))
}

func TestClassesAreEven(t *testing.T) {
	dir := export(t)
	for name, each := range map[string]int{sample.TrainFile: 60, sample.EvalFile: 20} {
		examples := read(t, dir, name)
		labels, err := data.Classes(examples)
		require.NoError(t, err)
		require.Equal(t, []string{"address", "appointment", "discount", "hours", "payment", "repair", "stock", "tracking"}, labels)
		count := map[string]int{}
		texts := map[string]bool{}
		for _, ex := range examples {
			count[ex.Label.String()]++
			texts[strings.Join(words(ex.Text), " ")] = true
		}
		for _, label := range labels {
			require.Equal(t, each, count[label], label)
		}
		require.Len(t, texts, 8*each, "a sentence is there twice")
	}
}

// Evaluation sentences are not training sentences in disguise: of the sequences of three words at most half are in any
// training sentence, and none shares half of its words with one (Jaccard index).
func TestWordingsAreDisjoint(t *testing.T) {
	dir := export(t)
	seen := map[[3]string]bool{}
	train := read(t, dir, sample.TrainFile)
	for _, ex := range train {
		w := words(ex.Text)
		for i := range max(0, len(w)-2) {
			seen[[3]string(w[i:])] = true
		}
	}
	for _, ex := range read(t, dir, sample.EvalFile) {
		w := words(ex.Text)
		known, all := 0, len(w)-2
		for i := range max(0, all) {
			if seen[[3]string(w[i:])] {
				known++
			}
		}
		require.LessOrEqual(t, 2*known, max(0, all), ex.Text)
		for _, other := range train {
			require.Less(t, jaccard(w, words(other.Text)), 0.5, "%q and %q", ex.Text, other.Text)
		}
	}
	require.InDelta(t, 0.5, jaccard([]string{"a", "b", "c"}, []string{"b", "c", "d"}), 1e-9)
}

func words(s string) []string {
	s = strings.ReplaceAll(strings.ToLower(s), "'", "")
	return strings.FieldsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
}

// jaccard is the share of the words of both that are in both.
func jaccard(a, b []string) float64 {
	in := map[string]int{}
	for _, w := range a {
		in[w] |= 1
	}
	for _, w := range b {
		in[w] |= 2
	}
	both := 0
	for _, where := range in {
		if where == 3 {
			both++
		}
	}
	return float64(both) / float64(len(in))
}
