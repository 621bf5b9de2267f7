package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// folder makes a folder of empty files.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), nil, 0o644))
	}
	return dir
}

func TestFindPlugin(t *testing.T) {
	first := folder(t, "pjrt_c_api_cpu_v0.83.1_plugin.so", "pjrt_c_api_cpu_v0.98.0_plugin.so", "libother.so")
	second := folder(t, "pjrt_c_api_cpu_plugin.so", "pjrt-plugin-tpu.so", "pjrt_plugin_metal.dylib")
	t.Setenv(pluginPathEnv, first+string(os.PathListSeparator)+string(os.PathListSeparator)+second)
	require.Equal(t, []string{first, second}, pluginFolders())

	for plugin, want := range map[string]string{
		"cpu":                               filepath.Join(first, "pjrt_c_api_cpu_v0.98.0_plugin.so"), // the first folder wins
		"cpu_v0.83.1":                       filepath.Join(first, "pjrt_c_api_cpu_v0.83.1_plugin.so"),
		"tpu":                               filepath.Join(second, "pjrt-plugin-tpu.so"),
		"metal":                             filepath.Join(second, "pjrt_plugin_metal.dylib"),
		filepath.Join(first, "libother.so"): filepath.Join(first, "libother.so"),
	} {
		got, err := findPlugin(plugin)
		require.NoError(t, err, plugin)
		require.Equal(t, want, got, plugin)
	}

	_, err := findPlugin("cuda")
	require.ErrorIs(t, err, ErrNoPlugin)
	var missing *PluginError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []string{first, second}, missing.Looked)
	require.Equal(t, []string{"cpu", "cpu_v0.83.1", "cpu_v0.98.0", "metal", "tpu"}, missing.Found)
	for _, part := range []string{`"cuda"`, first, second, "metal", "pjrt_installer", pluginPathEnv} {
		require.ErrorContains(t, err, part)
	}

	path := filepath.Join(first, "absent.so")
	_, err = findPlugin(path)
	require.ErrorIs(t, err, ErrNoPlugin)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, path)
}

func TestPluginFoldersByDefault(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("LD_LIBRARY_PATH", "/opt/lib:relative::/srv/lib")
	t.Setenv(pluginPathEnv, "") // set to nothing: no folder
	require.Empty(t, pluginFolders())
	_, err := findPlugin("cpu")
	require.ErrorContains(t, err, "no folder to look in")

	require.NoError(t, os.Unsetenv(pluginPathEnv))
	dirs := pluginFolders()
	require.Contains(t, dirs[0], home)
	require.Contains(t, dirs, "/usr/local/lib/go-xla")
	require.Subset(t, dirs, []string{"/opt/lib", "/srv/lib"})
	require.NotContains(t, dirs, "relative")
}
