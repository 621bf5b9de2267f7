//go:build unix

package main

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// until starts the program and waits until it says a line that begins so, or is over.
func until(t *testing.T, c *exec.Cmd, start string) {
	t.Helper()
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	for said := bufio.NewScanner(out); said.Scan(); {
		if strings.HasPrefix(said.Text(), start) {
			return
		}
	}
	t.Fatalf("the program never said %q", start)
}

// sameRun compares what two runs leave.
func sameRun(t *testing.T, want, got string) {
	t.Helper()
	require.Equal(t, files(t, filepath.Join(want, "adapter")), files(t, filepath.Join(got, "adapter")))
	a, _ := metrics(t, want)
	b, _ := metrics(t, got)
	require.Equal(t, a, b)
}

// whole runs a recipe without a stop.
func whole(t *testing.T, r recipe) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "whole")
	succeeds(t, r.write(t, recipe{"out": out}))
	lines, resumed := metrics(t, out)
	epochs := r["epochs"].(int)
	require.Len(t, lines, 3*epochs+epochs) // each epoch has 3 steps and is evaluated
	require.Empty(t, resumed)
	for _, line := range lines {
		if _, ok := line["eval_loss"]; ok {
			require.Contains(t, line, "eval_accuracy")
		}
	}
	return out
}

// Ctrl-C and SIGTERM save the run first; -resume, before or after the recipe, goes on from there.
func TestInterrupt(t *testing.T) {
	r := small(t)
	r["epochs"], r["checkpoint_every"] = 40, 0 // so many that the signal comes in time
	want := whole(t, r)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if golden.Compiles {
		signals = signals[:1]
	}
	for _, sig := range signals {
		out := filepath.Join(t.TempDir(), "run")
		path := r.write(t, recipe{"out": out})
		c := finetune(path)
		var errs strings.Builder
		c.Stderr = &errs
		until(t, c, "step 4/120 ")
		require.NoError(t, c.Process.Signal(sig))
		require.Error(t, c.Wait())
		require.Equal(t, 1, c.ProcessState.ExitCode())
		require.Regexp(t, `^finetune: stopped after step \d+ of 120: context canceled\n$`, errs.String())
		require.NoDirExists(t, filepath.Join(out, "adapter"))
		saved, err := filepath.Glob(filepath.Join(out, "checkpoints", "step-*", "checkpoint.json"))
		require.NoError(t, err)
		require.Len(t, saved, 1)

		other := r.write(t, recipe{"out": out, "epochs": 41})
		require.Contains(t, fails(t, finetune("-resume", other)), "number of steps (120 then, 123 now)")
		require.Contains(t, succeeds(t, path, "-resume"), "resumed from step ")
		sameRun(t, want, out)
	}
}

// Killed at random moments and gone on with each time, a run ends with the bytes of one that was left alone.
func TestResumeAfterKill(t *testing.T) {
	r := small(t)
	began := time.Now()
	want := whole(t, r)
	took := time.Since(began)
	out := filepath.Join(t.TempDir(), "run")
	path := r.write(t, recipe{"out": out})
	kills := 5
	for range kills {
		c := finetune(path, "-resume")
		require.NoError(t, c.Start())
		time.Sleep(time.Duration(rand.Int64N(int64(took))))
		_ = c.Process.Kill()
		_ = c.Wait() // it may have been faster
	}
	said := succeeds(t, path, "-resume")
	require.Contains(t, said, "resumed from step ")
	_, resumed := metrics(t, out)
	require.NotEmpty(t, resumed)
	sameRun(t, want, out)
}

// Without a checkpoint -resume begins anew, and says so.
func TestResumeNothing(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	want := whole(t, r)
	require.Contains(t, succeeds(t, "-resume", r.write(t, nil)), "resumed from step 0\n")
	_, resumed := metrics(t, r["out"].(string))
	require.Equal(t, []any{0.0}, resumed)
	sameRun(t, want, r["out"].(string))
}

// A second process on the same folder is refused as long as the first lives, be it stopped, and no longer.
func TestSecondProcess(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	out := r["out"].(string)
	first := finetune(r.write(t, recipe{"epochs": 4000}))
	until(t, first, "step 1/")
	require.NoError(t, first.Process.Signal(syscall.SIGSTOP))
	line := fails(t, finetune(r.write(t, nil)))
	require.Contains(t, line, out)
	require.Contains(t, line, "another run is going on")
	require.NoError(t, first.Process.Kill())
	require.Error(t, first.Wait())
	line = fails(t, finetune(r.write(t, nil)))
	require.Contains(t, line, out+": there is an interrupted run (metrics.jsonl)")
	require.Contains(t, line, `-resume, or "overwrite": true`)
	succeeds(t, r.write(t, recipe{"overwrite": true}))
	require.Contains(t, fails(t, finetune(r.write(t, nil))), out+": there is a finished run (summary.json, ")
}

// A damaged checkpoint is told of and passed over.
func TestDamagedCheckpoint(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	want := whole(t, r)
	out, path := r["out"].(string), r.write(t, nil)
	succeeds(t, path)
	newest := filepath.Join(out, "checkpoints", "step-12", "state.safetensors")
	require.NoError(t, os.Truncate(newest, 1000))
	c := finetune(path, "-resume")
	said, err := c.CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(said), "finetune: passed over: checkpoint can't be used: "+newest+": it has 1000 bytes of ")
	require.Contains(t, string(said), "resumed from step 9\n")
	sameRun(t, want, out)

	for _, step := range []string{"step-9", "step-12"} {
		require.NoError(t, os.Truncate(filepath.Join(out, "checkpoints", step, "checkpoint.json"), 20))
	}
	require.Contains(t, fails(t, finetune(path, "-resume")), filepath.Join("step-12", "checkpoint.json"))
	sameRun(t, want, out)
}

// Where the disk is full, for metrics.jsonl, a checkpoint's adapter or its state, the error names the file and the
// adapter that was saved last stands.
func TestFullDisk(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	out, path := r["out"].(string), r.write(t, nil)
	succeeds(t, path)
	before := files(t, filepath.Join(out, "adapter"))
	path = r.write(t, recipe{"overwrite": true})
	for limit, name := range map[string]string{"300": "metrics.jsonl", "3000": "adapter_model.safetensors", "20000": "state.safetensors"} {
		c := finetune(path)
		c.Env = append(c.Env, fileLimit+"="+limit)
		line := fails(t, c)
		require.Contains(t, line, name)
		require.Contains(t, line, "file too large")
		require.Equal(t, before, files(t, filepath.Join(out, "adapter")), name)
	}
	succeeds(t, path, "-resume")
	require.Equal(t, before, files(t, filepath.Join(out, "adapter")))
}
