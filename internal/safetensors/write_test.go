package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// encoded writes tensors and opens what was written.
func encoded(t testing.TB, values map[string]*tensors.Tensor) *safetensors.File {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, safetensors.Encode(&out, values, nil))
	f, err := safetensors.FromBytes(out.Bytes())
	require.NoError(t, err)
	return f
}

// rewritten reads a file and encodes it again.
func rewritten(t testing.TB, f *safetensors.File) []byte {
	t.Helper()
	values := map[string]*tensors.Tensor{}
	for _, name := range f.Names() {
		v, err := f.Tensor(name)
		require.NoError(t, err)
		values[name] = v
	}
	metadata := f.Metadata()
	if metadata == nil {
		metadata = map[string]string{} // none, instead of the default
	}
	var out bytes.Buffer
	require.NoError(t, safetensors.Encode(&out, values, metadata))
	return out.Bytes()
}

// requireRewrites holds the writer to the bytes of HF's.
func requireRewrites(t *testing.T, path string) {
	t.Helper()
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, rewritten(t, open(t, path))), path)
}

func TestWriterEqualsReference(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.safetensors")
	require.NoError(t, err)
	require.Len(t, paths, 4)
	for _, path := range paths {
		requireRewrites(t, path)
	}
}

// Every file of the shared fixtures, all of them written by HF's writer.
func TestWriterEqualsReferenceOnFixtures(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "fixtures")
	if shared := os.Getenv("SHARED"); shared != "" {
		root = filepath.Join(shared, "fixtures")
	}
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("left out: no folder %s (set SHARED to the folder above fixtures)", root)
	}
	n := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".safetensors" {
			requireRewrites(t, path)
			n++
		}
		return err
	}))
	require.NotZero(t, n)
	t.Logf("%d files rewritten", n)
}

func TestEncodeMetadata(t *testing.T) {
	head := func(metadata map[string]string) string {
		var out bytes.Buffer
		require.NoError(t, safetensors.Encode(&out, nil, metadata))
		n := binary.LittleEndian.Uint64(out.Bytes())
		require.Zero(t, n%8)
		require.EqualValues(t, out.Len(), n+8)
		return strings.TrimRight(out.String()[8:], " ")
	}
	require.Equal(t, `{"__metadata__":{"format":"pt"}}`, head(nil))
	require.Equal(t, `{}`, head(map[string]string{}))
	require.Equal(t, `{"__metadata__":{"a":"1","b":"\"\n\u0000","c":"/"}}`, head(map[string]string{"c": "/", "a": "1", "b": "\"\n\x00"}))
}

func TestEncodeErrors(t *testing.T) {
	one := tensors.FromScalar(float32(1))
	gone := tensors.FromScalar(float32(1))
	gone.MustFinalizeAll()
	for name, c := range map[string]struct {
		tensor *tensors.Tensor
		is     error
	}{
		"__metadata__": {one, nil},
		"bad\xff":      {one, nil},
		"nil":          {nil, nil},
		"finalized":    {gone, nil},
		"complex":      {tensors.FromScalar(complex64(1)), safetensors.ErrDType},
	} {
		var out bytes.Buffer
		err := safetensors.Encode(&out, map[string]*tensors.Tensor{"a": one, name: c.tensor}, nil)
		require.ErrorContains(t, err, strings.Trim(fmt.Sprintf("%q", name), `"`))
		require.Zero(t, out.Len(), "nothing may be written before everything is checked")
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
	}
	require.ErrorContains(t, safetensors.Encode(&bytes.Buffer{}, nil, map[string]string{"k": "\xff"}), `"k"`)
}

// fullDisk takes n bytes.
type fullDisk struct{ n int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.n)
	d.n -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestEncodeToFullDisk(t *testing.T) {
	values := map[string]*tensors.Tensor{"a": tensors.FromValue([]float32{1, 2}), "b": tensors.FromScalar(int64(3))}
	var whole bytes.Buffer
	require.NoError(t, safetensors.Encode(&whole, values, nil))
	for n := range whole.Len() {
		require.ErrorIs(t, safetensors.Encode(&fullDisk{n}, values, nil), errFull, "%d bytes", n)
	}
	require.NoError(t, safetensors.Encode(&fullDisk{whole.Len()}, values, nil))
}

// A failed write leaves the old file, also for those who have it open.
func TestWriteReplacesAtomically(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	require.NoError(t, safetensors.Write(path, map[string]*tensors.Tensor{"x": tensors.FromScalar(int32(1))}, nil))
	old := open(t, path)
	require.Error(t, safetensors.Write(path, map[string]*tensors.Tensor{"x": nil}, nil))
	require.Equal(t, int32(1), value(t, open(t, path), "x"))
	require.NoError(t, safetensors.Write(path, map[string]*tensors.Tensor{"x": tensors.FromScalar(int32(2))}, nil))
	require.Equal(t, int32(1), value(t, old, "x"))
	require.Equal(t, int32(2), value(t, open(t, path), "x"))
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, list, 1)
}
