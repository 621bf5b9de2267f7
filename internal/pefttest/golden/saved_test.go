package golden_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

var updateSaved = flag.Bool("update-saved", false, "write testdata/saved.sha256 anew: only where files are meant to change")

// Files stay as they were: every committed case opened and saved again, its config attached afresh, and each backbone,
// give the bytes that an earlier release gave. testdata/saved.sha256 was made by commit 03f8a79, before the API was parted
// into peft and peft/seam; cases that came later are not in it.
func TestFilesAreAsBefore(t *testing.T) {
	golden.OnGo(t)
	const path = "testdata/saved.sha256"
	now := saved(t)
	if *updateSaved {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(now)) {
			lines = append(lines, now[name]+"  "+name)
		}
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
		return
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	require.Greater(t, len(lines), 200)
	vectors := golden.OpenEngine(t).SpeedHint() == "" // kernels that round otherwise
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		if vectors && strings.Contains(name, "-proj/fresh/") {
			continue // a projected prefix is saved as the engine computed it
		}
		require.Equal(t, sum, now[name], "%s has other bytes than before", name)
	}
}

// saved gives the checksums of what is saved, by name.
func saved(t *testing.T) map[string]string {
	f, out := golden.Committed(t), map[string]string{}
	bases, err := f.Bases()
	require.NoError(t, err)
	for _, name := range bases {
		base, err := f.Base(golden.OpenEngine(t), name)
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "backbone")
		require.NoError(t, base.Backbone.Save(dir))
		sum(t, out, name, dir)
		cases, err := f.Cases(name)
		require.NoError(t, err)
		for _, c := range cases {
			run, err := f.Case(name, c)
			require.NoError(t, err)
			loaded, err := peft.Load(base.Backbone, run.Dir)
			require.NoError(t, err)
			cfg, err := peft.ReadConfig(run.Dir)
			require.NoError(t, err)
			all := map[string]*peft.Adapted{"loaded": loaded}
			if fresh, err := peft.Attach(base.Backbone, "fresh", cfg, peft.Seed(7), peft.Lenient()); err == nil {
				all["fresh"] = fresh // the config of a resized backbone does not fit this one
			}
			for kind, a := range all {
				dir := filepath.Join(t.TempDir(), kind)
				require.NoError(t, a.Save(dir))
				sum(t, out, fmt.Sprintf("%s/%s/%s", name, c, kind), dir)
			}
		}
	}
	return out
}

// sum adds the checksums of a folder's files.
func sum(t *testing.T, to map[string]string, name, dir string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		h := sha256.Sum256(raw)
		to[name+"/"+e.Name()] = hex.EncodeToString(h[:])
	}
}
