package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

type noFields struct{ next *noFields }

func dereferenceNil(p *noFields) *noFields { return p.next }

func TestTry(t *testing.T) {
	require.NoError(t, Try("nothing", func() {}))

	cause := &fs.PathError{Op: "open", Path: "weights", Err: fs.ErrNotExist}
	err := Try("loading", func() { panic(fmt.Errorf("layer 3:\n  %w", cause)) })
	var caught *PanicError
	require.ErrorAs(t, err, &caught)
	require.Equal(t, "loading", caught.What)
	require.Equal(t, "loading: layer 3: open weights: file does not exist", err.Error())
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, err.Error(), fmt.Sprintf("%v", err))
	require.Equal(t, err.Error(), fmt.Sprintf("%s", err))
	require.Equal(t, fmt.Sprintf("%q", err.Error()), fmt.Sprintf("%q", err))

	require.EqualError(t, Try("", func() { panic("plain words") }), "plain words")
	require.EqualError(t, Try("x", func() { panic(7) }), "x: 7")

	err = Try("x", func() { panic(nil) })
	var nilPanic *runtime.PanicNilError
	require.ErrorAs(t, err, &nilPanic)
}

// The stack must lead to the line that went wrong, not only to Try.
func TestTryKeepsTheStack(t *testing.T) {
	err := Try("walking", func() { dereferenceNil(nil) })
	var runtimeErr runtime.Error
	require.ErrorAs(t, err, &runtimeErr)
	var caught *PanicError
	require.ErrorAs(t, err, &caught)
	require.Contains(t, string(caught.Stack), "dereferenceNil")
	require.NotContains(t, err.Error(), "\n")
	long := fmt.Sprintf("%+v", err)
	require.True(t, strings.HasPrefix(long, err.Error()+"\n"))
	require.Contains(t, long, "dereferenceNil")
}

func TestTryCatchesGraphBuilding(t *testing.T) {
	e := open(t, "go")
	err := Try("building the head", func() {
		g := graph.NewGraph(e.Backend(), "bad shapes")
		graph.Add(graph.Const(g, []float32{1, 2}), graph.Const(g, []float32{1, 2, 3}))
	})
	require.ErrorContains(t, err, "building the head: ")
	require.NotContains(t, err.Error(), "\n")
}

func TestNestedTryKeepsTheInnerPanic(t *testing.T) {
	inner := errors.New("inner")
	err := Try("outer", func() {
		if err := Try("middle", func() { panic(inner) }); err != nil {
			panic(err)
		}
	})
	require.ErrorIs(t, err, inner)
	require.EqualError(t, err, "outer: middle: inner")
}

// With GOPEFT_PANIC=1 the program must die of the panic; a child process shows it.
func TestPanicSetting(t *testing.T) {
	if os.Getenv(panicEnv) == "1" {
		_ = Try("child", func() { panic("let through") })
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicSetting$")
	cmd.Env = append(os.Environ(), panicEnv+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "the child went on")
	require.Contains(t, string(out), "panic: let through")
}
