package seam

import (
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/hf"
	"github.com/gopeft/gopeft/internal/names"
)

// modulesOf lists every module that holds a frozen value or contains one that does, sorted.
func modulesOf(paths []string) []string {
	set := map[string]bool{}
	for _, p := range paths {
		for i := strings.LastIndex(p, "."); i > 0; i = strings.LastIndex(p[:i], ".") {
			set[p[:i]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// savedModules resolves modules_to_save to paths. As in HF PEFT a name means every module whose path ends in it; the
// heads that a task type adds may be missing, other names may not.
func (c *Common) savedModules(modules []string, lenient bool) ([]string, error) {
	heads := hf.Heads(c.TaskType)
	var out []string
	for _, name := range append(slices.Clone(c.ModulesToSave), heads...) {
		found := false
		for _, m := range modules {
			if strings.HasSuffix(m, name) {
				found = true
				if !slices.Contains(out, m) {
					out = append(out, m)
				}
			}
		}
		if !found && !slices.Contains(heads, name) && !lenient {
			return nil, &TargetError{Field: "modules_to_save", Name: name, Near: names.Near(name, modules, 5)}
		}
	}
	slices.Sort(out)
	// A module inside a saved one is saved with it.
	return slices.DeleteFunc(out, func(m string) bool {
		return slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(m, o+".") })
	}), nil
}

// savedParams are the copies of the modules to save.
func (b *Blueprint) savedParams(m Method, frozen []string) []Param {
	prefix := "base_model.model."
	if s, ok := m.(SavedPrefixer); ok {
		prefix = s.SavedPrefix()
	}
	var out []Param
	for _, path := range frozen {
		i := strings.LastIndex(path, ".")
		if i < 0 || !b.isSaved(path[:i]) || b.isTwin(path) {
			continue
		}
		if path[i+1:] == BatchesTracked {
			continue // it changes nothing: the file gets the backbone's
		}
		p := b.Replace(path)
		p.Key, p.Saved = prefix+path, b.savedRoot(p.Site)
		site, _ := b.Site(p.Site)
		p.Twin = b.twinOf(path)
		p.InPlace = site.Running && isStatistic(p.Name) // which is no parameter
		out = append(out, p)
	}
	return out
}
