//go:build unix

package train_test

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/train"
)

// Names of what a child of the kill test is told.
const (
	childOut      = "GOPEFT_TEST_OUT"      // the run's folder
	childBackbone = "GOPEFT_TEST_BACKBONE" // the backbone's
	childDies     = "GOPEFT_TEST_DIES_AT"  // it kills itself at this step of writing
)

// TestChild is the run that TestKill kills: a journey that saves each step.
func TestChild(t *testing.T) {
	out := os.Getenv(childOut)
	if out == "" {
		t.Skip("only as a child of TestKill")
	}
	dies, _ := strconv.Atoi(os.Getenv(childDies))
	trainer, err := train.New(attach(t, os.Getenv(childBackbone)), killed(out))
	require.NoError(t, err)
	count := 0
	trainer.WriteOn(&watchedFS{ask: func(string) error {
		if count++; count == dies {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}})
	os.Stdout.WriteString("ready\n")
	_, err = trainer.Fit(t.Context(), sentences(11))
	require.NoError(t, err)
}

func killed(out string) train.Options {
	o := journey(out)
	o.CheckpointEvery, o.Resume = 1, true
	return o
}

// Killed by SIGKILL at random moments, half of them inside the writing of a checkpoint, and gone on with each time, a
// run ends with the bytes and lines of one that was left alone.
func TestKill(t *testing.T) {
	backbone := textBERT(t)
	out := t.TempDir()
	began := time.Now()
	_, err := travel(t.Context(), t, backbone, killed(out))
	require.NoError(t, err)
	took := time.Since(began)
	want := readRecord(t, out)

	kills := 20
	if testing.Short() || attach(t, backbone).Backbone().Engine().Name() != "go" {
		kills = 4 // each process compiles its programs, which takes XLA seconds
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	inside := 0
	for done := 0; done < kills; {
		out := t.TempDir()
		for range 4 { // kills of one run
			dies, after := 0, time.Duration(random.Int64N(int64(took)))
			if done%2 == 0 {
				// The first step makes the run's folder; then each checkpoint takes twelve, and is whole after ten.
				dies, after = 2+12*random.IntN(3)+random.IntN(10), time.Minute
			}
			if died := child(t, out, backbone, dies, after); !died {
				break
			}
			done++
			if half(t, out) {
				inside++
			}
		}
		require.False(t, child(t, out, backbone, 0, time.Minute))
		got := readRecord(t, out)
		sameRecord(t, want, got)
		if len(got.resumed) == 0 {
			t.Errorf("%s was never resumed", out)
		}
	}
	t.Logf("%d kills left a checkpoint half-written", inside)
	require.Positive(t, inside)
}

// child runs a journey in a process of its own, which is killed after a time, or kills itself at a step of writing.
// It gives whether that happened before the run was over.
func child(t *testing.T, out, backbone string, dies int, after time.Duration) (died bool) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestChild$")
	c.Env = append(os.Environ(), childOut+"="+out, childBackbone+"="+backbone, childDies+"="+strconv.Itoa(dies))
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	said := bufio.NewScanner(stdout)
	require.True(t, said.Scan())
	require.Equal(t, "ready", said.Text())
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	var rest []byte
	for said.Scan() {
		rest = append(append(rest, said.Bytes()...), '\n')
	}
	err = c.Wait()
	if err == nil {
		return false
	}
	status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok && status.Signal() == syscall.SIGKILL, "%v\n%s", err, rest)
	return true
}

// half tells whether there is a checkpoint that was not finished.
func half(t *testing.T, out string) bool {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(out, "checkpoints", "step-*"))
	require.NoError(t, err)
	for _, dir := range all {
		if _, err := os.Stat(filepath.Join(dir, "checkpoint.json")); err != nil {
			return true
		}
	}
	return false
}
