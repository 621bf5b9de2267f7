package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft/data"
)

// asProgram makes the test binary the program itself.
const asProgram = "QUICKSTART_TEST_ARGS"

func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(asProgram); ok {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
		return
	}
	os.Exit(m.Run())
}

// small writes the first sentences of each class of the sample.
func small(t *testing.T) (dir, train, eval string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, run(context.Background(), []string{"-export", dir}, new(bytes.Buffer), false))
	cut := func(name string, lines int) string {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		path := filepath.Join(dir, "small-"+name)
		head := strings.Join(strings.SplitAfter(string(raw), "\n")[:lines], "")
		require.NoError(t, os.WriteFile(path, []byte(head), 0o600))
		return path
	}
	return dir, cut(sample.TrainFile, 32), cut(sample.EvalFile, 16)
}

func TestRunsFromBeginningToEnd(t *testing.T) {
	dir, train, eval := small(t)
	out := filepath.Join(t.TempDir(), "out")
	var printed bytes.Buffer
	args := []string{"-backbone", dir, "-train", train, "-eval", eval, "-out", out, "-epochs", "1"}
	require.NoError(t, run(context.Background(), args, &printed, false))
	text := printed.String()
	for _, want := range []string{
		"bert, 4 layers, 128 wide", "32 sentences to train on, 16 to evaluate on, 8 classes", "pretrained      step 2/2", "random weights  step 2/2",
		"before     after", "points, ", "parameters, 1.", "saved, loaded   16 of 16 predictions the same", "merged          16 of 16 predictions the same", "learning-curve.png",
	} {
		require.Contains(t, text, want)
	}
	require.FileExists(t, filepath.Join(out, "adapter", "adapter_config.json"))
	require.FileExists(t, filepath.Join(out, "adapter", "adapter_model.safetensors"))
	file, err := os.Open(filepath.Join(out, "learning-curve.png"))
	require.NoError(t, err)
	defer file.Close()
	_, err = png.Decode(file)
	require.NoError(t, err)
	left, err := filepath.Glob(filepath.Join(out, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary files are left")
}

func TestBarOnATerminal(t *testing.T) {
	dir, train, eval := small(t)
	var printed bytes.Buffer
	args := []string{"-backbone", dir, "-train", train, "-eval", eval, "-out", filepath.Join(dir, "out"), "-epochs", "1"}
	require.NoError(t, run(context.Background(), args, &printed, true))
	require.Contains(t, printed.String(), "100%")
	require.Contains(t, printed.String(), "\r")
}

// What is exported can be put in the place of what is embedded.
func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "folder")
	var printed bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-export", dir}, &printed, false))
	require.Contains(t, printed.String(), dir)
	examples, err := data.ReadJSONL(filepath.Join(dir, "train.jsonl"), data.Fields{})
	require.NoError(t, err)
	require.Len(t, examples, 480)
	s := settings{backbone: dir, train: filepath.Join(dir, "train.jsonl"), eval: filepath.Join(dir, "eval.jsonl"), backend: "go"}
	m, err := open(s)
	require.NoError(t, err)
	require.Len(t, m.labels, 8)
	require.Len(t, m.eval, 160)
}

// Bad input gives one line that names what is wrong, and exit code 1.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := write("good.jsonl", `{"text": "a", "label": "x"}`+"\n"+`{"text": "b", "label": "y"}`+"\n")
	broken := write("broken.jsonl", `{"text": "a", "label": "x"}`+"\n{\n")
	other := write("other.jsonl", `{"text": "a", "label": "unheard-of"}`+"\n")
	alien := filepath.Dir(write("alien/config.json", `{"model_type": "mystery"}`))
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-backbone", filepath.Join(dir, "nowhere")}, []string{"nowhere", "no such file"}},
		{[]string{"-backbone", alien}, []string{alien, "mystery", "bert"}},
		{[]string{"-train", filepath.Join(dir, "missing.jsonl"), "-eval", good}, []string{"missing.jsonl"}},
		{[]string{"-train", broken, "-eval", good}, []string{"broken.jsonl:2"}},
		{[]string{"-train", good, "-eval", other}, []string{"other.jsonl:1", "unheard-of"}},
		{[]string{"-train", good}, []string{"-eval"}},
		{[]string{"-epochs", "0"}, []string{"-epochs"}},
		{[]string{"-backend", "abacus"}, []string{"abacus"}},
		{[]string{"stray"}, []string{"stray"}},
		{[]string{"-export", filepath.Join(good, "inside")}, []string{"inside"}},
		{[]string{"-out", filepath.Join(good, "inside")}, []string{"good.jsonl"}},
	} {
		cmd := exec.Command(os.Args[0])
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), asProgram+"="+strings.Join(c.args, "\n"))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%v", c.args)
		require.Equal(t, 1, exit.ExitCode(), "%v", c.args)
		line := stderr.String()
		require.Equal(t, 1, strings.Count(line, "\n"), "%v: %s", c.args, line)
		require.True(t, strings.HasPrefix(line, "quickstart: "), line)
		for _, want := range c.want {
			require.Contains(t, line, want, "%v", c.args)
		}
		left, err := os.ReadDir(cmd.Dir)
		require.NoError(t, err)
		require.Empty(t, left, "%v wrote something", c.args)
	}
}

func TestSameRefusesADifference(t *testing.T) {
	// answers are those of two classes by the probability of the second.
	answers := func(second ...float64) (out []predict.Prediction) {
		for _, p := range second {
			out = append(out, predict.Prediction{Index: int(p + 0.5), Scores: []predict.Score{{Probability: 1 - p}, {Probability: p}}})
		}
		return out
	}
	want := answers(0.7, 0.2)
	var out bytes.Buffer
	require.NoError(t, same(&out, "merged", want, answers(0.7001, 0.2), tolerance))
	require.Contains(t, out.String(), "2 of 2")
	require.ErrorContains(t, same(&out, "merged", want, answers(0.3, 0.2), 10), "1 of 2")
	require.ErrorContains(t, same(&out, "merged", want, answers(0.8, 0.2), tolerance), "0.1 apart")
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1220752: "1,220,752"} {
		require.Equal(t, want, thousands(n))
	}
}
