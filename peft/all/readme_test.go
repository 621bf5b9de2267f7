package all_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

const readme = "../../README.md"

var update = flag.Bool("update", false, "write the README's tables anew")

// part is what stands between two comments in the README.
func part(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)(<!-- ` + name + `: .*?-->\n).*?(<!-- end -->)`)
}

// holds compares a part of the README with what it should be, or writes it.
func holds(t *testing.T, name, text string) {
	t.Helper()
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Regexp(t, part(name), string(raw))
	fresh := part(name).ReplaceAllString(string(raw), "${1}"+strings.ReplaceAll(text, "$", "$$")+"${2}")
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(fresh), 0o644))
		return
	}
	require.Equal(t, fresh, string(raw), "run: go test ./peft/all -run README -update")
}

// The README's table of backbones is the registry: families, their heads, and the methods that attach to them. A method
// counts as one for a family if it attaches to a backbone of it, and is held to the reference there by the golden cases.
func TestREADMEBackbones(t *testing.T) {
	f, e := golden.Committed(t), golden.OpenEngine(t)
	var out strings.Builder
	fmt.Fprint(&out, "| backbone | `model_type` | heads | methods |\n|---|---|---|---|\n")
	for _, r := range models.Registered() {
		heads := make([]string, len(r.Tasks))
		for i, task := range r.Tasks {
			heads[i] = cmp.Or(task, "bare")
		}
		base := baseOf(t, f, e, r.ModelType)
		with, without := []string{}, []string{}
		for name := range seam.Types() {
			if attaches(base, name) {
				with = append(with, "`"+name+"`")
			} else {
				without = append(without, "`"+name+"`")
			}
		}
		methods := "all"
		if len(with) < len(without) {
			methods = strings.Join(with, ", ")
		} else if len(without) > 0 {
			methods += " but " + strings.Join(without, ", ")
		}
		fmt.Fprintf(&out, "| %s | `%s` | %s | %s |\n", r.Name, r.ModelType, strings.Join(heads, ", "), methods)
	}
	holds(t, "backbones", out.String())
}

// baseOf opens one of the committed bases of a family: one with labels, if there is any, so that what learns from a loss can.
func baseOf(t *testing.T, f golden.Fixtures, e *peft.Engine, modelType string) *golden.Base {
	t.Helper()
	names, err := f.Bases()
	require.NoError(t, err)
	var found *golden.Base
	for _, name := range names {
		if info, err := models.Inspect(f.BaseDir(name)); err != nil || info.ModelType != modelType {
			continue
		}
		base, err := f.Base(e, name)
		require.NoError(t, err)
		if found == nil || base.In["labels"] != nil {
			found = base
		}
		if base.In["labels"] != nil {
			break
		}
	}
	require.NotNil(t, found, "no base of model_type %q in %s", modelType, filepath.Join(string(f), "bases"))
	return found
}

// attaches reports whether a method goes on a backbone, with the fields that methods want at least: by itself, or on a linear
// map or a convolution of a width that small blocks divide.
func attaches(base *golden.Base, name string) bool {
	targets := []string{""}
	for _, kind := range []seam.Kind{seam.Linear, seam.Conv} {
		for _, site := range base.Backbone.Sites() {
			if site.Kind == kind && site.Role != "head" && site.In%4 == 0 && site.Out%4 == 0 {
				targets = append(targets, fmt.Sprintf(`, "target_modules": [%q]`, site.Path))
				break
			}
		}
	}
	more := needed[name]
	if strings.Contains(more, "target_modules") { // those of the tiny network
		more = ""
	}
	for _, fields := range targets {
		cfg, err := peft.ParseConfig([]byte(fmt.Sprintf(`{"peft_type": %q%s%s}`, name, more, fields)))
		if err != nil {
			continue
		}
		if adapted, err := peft.Attach(base.Backbone, "a", cfg, fed(cfg, base.In)...); err == nil && adapted.NumTrainable() > 0 {
			return true
		}
	}
	return false
}
