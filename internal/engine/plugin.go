package engine

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// pluginPathEnv lists the folders to search for plugins; go-xla reads the same variable.
const pluginPathEnv = "PJRT_PLUGIN_LIBRARY_PATH"

// pluginFile matches the two usual names of a plugin's file and captures the plugin's name.
var pluginFile = regexp.MustCompile(`^pjrt(?:_c_api_(.+)_plugin|[-_]plugin[-_](.+))\.(?:so|dylib)$`)

// pluginFolders lists the folders that are searched for a PJRT plugin, in order: those of
// PJRT_PLUGIN_LIBRARY_PATH where it is set; else the folders that go-xla's installer writes to
// and the absolute entries of LD_LIBRARY_PATH (on macOS DYLD_LIBRARY_PATH too).
func pluginFolders() []string {
	if list, set := os.LookupEnv(pluginPathEnv); set {
		return slices.DeleteFunc(filepath.SplitList(list), func(dir string) bool { return dir == "" })
	}
	var dirs []string
	variables := []string{"LD_LIBRARY_PATH"}
	user := filepath.Join(".local", "lib", "go-xla")
	if runtime.GOOS == "darwin" {
		variables = []string{"DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH"}
		user = filepath.Join("Library", "Application Support", "go-xla")
	}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, user))
	}
	dirs = append(dirs, "/usr/local/lib/go-xla")
	for _, variable := range variables {
		for _, dir := range filepath.SplitList(os.Getenv(variable)) {
			if filepath.IsAbs(dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// findPlugin gives the absolute path of a plugin's file, from its name or from a path to it.
// A name matches its file exactly or with a version behind it ("cpu" finds "cpu_v0.98.0");
// the first folder that has one wins.
func findPlugin(plugin string) (string, error) {
	if isPath(plugin) {
		path, err := filepath.Abs(plugin)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return "", &PluginError{Plugin: plugin, Err: err}
		}
		return path, nil
	}
	folders := pluginFolders()
	seen := map[string]bool{}
	for _, folder := range folders {
		there := pluginsIn(folder)
		if path, ok := there[plugin]; ok {
			return filepath.Abs(path)
		}
		names := slices.Sorted(maps.Keys(there))
		for _, name := range slices.Backward(names) {
			if strings.HasPrefix(name, plugin+"_v") {
				return filepath.Abs(there[name])
			}
			seen[name] = true
		}
	}
	return "", &PluginError{Plugin: plugin, Looked: folders, Found: slices.Sorted(maps.Keys(seen))}
}

// pluginsIn maps the names of the plugins in a folder to their files. A folder that can't be
// read holds none.
func pluginsIn(folder string) map[string]string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	found := map[string]string{}
	for _, entry := range entries {
		if m := pluginFile.FindStringSubmatch(entry.Name()); m != nil {
			found[m[1]+m[2]] = filepath.Join(folder, entry.Name())
		}
	}
	return found
}
