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

var update = flag.Bool("update", false, "write the README's table of backbones anew")

// backbonesTable is what stands between two comments in the README.
var backbonesTable = regexp.MustCompile(`(?s)(<!-- backbones: .*?-->\n).*?(<!-- end -->)`)

// The README's table of backbones is the registry: families, their heads, and the methods that attach to them.
func TestREADMEBackbones(t *testing.T) {
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Regexp(t, backbonesTable, string(raw))
	fresh := backbonesTable.ReplaceAllString(string(raw), "${1}"+strings.ReplaceAll(table(t), "$", "$$")+"${2}")
	if *update {
		require.NoError(t, os.WriteFile(readme, []byte(fresh), 0o644))
		return
	}
	require.Equal(t, fresh, string(raw), "run: go test ./peft/all -run README -update")
}

// The README's table of methods names those that are registered.
func TestREADMEMethods(t *testing.T) {
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "## What there is")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for name := range seam.Types() {
		require.Contains(t, section, "`"+name+"`")
	}
}

// table is the table's text. A method counts as one for a family if it attaches to a backbone of it, and is held to the
// reference there by the golden cases.
func table(t *testing.T) string {
	t.Helper()
	f, e := golden.Committed(t), golden.OpenEngine(t)
	var types []string
	for name := range seam.Types() {
		types = append(types, name)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "| backbone | `model_type` | heads | `%s` |\n|---|---|---|%s\n", strings.Join(types, "` | `"), strings.Repeat("---|", len(types)))
	for _, r := range models.Registered() {
		heads := make([]string, len(r.Tasks))
		for i, task := range r.Tasks {
			heads[i] = cmp.Or(task, "bare")
		}
		backbone := baseOf(t, f, e, r.ModelType)
		fmt.Fprintf(&out, "| %s | `%s` | %s |", r.Name, r.ModelType, strings.Join(heads, ", "))
		for _, name := range types {
			mark := ""
			if attaches(backbone, name) {
				mark = "yes"
			}
			fmt.Fprintf(&out, " %s |", mark)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// baseOf opens one of the committed bases of a family.
func baseOf(t *testing.T, f golden.Fixtures, e *peft.Engine, modelType string) *peft.Backbone {
	t.Helper()
	names, err := f.Bases()
	require.NoError(t, err)
	for _, name := range names {
		dir := f.BaseDir(name)
		if info, err := models.Inspect(dir); err == nil && info.ModelType == modelType {
			backbone, err := models.Load(dir, models.On(e))
			require.NoError(t, err)
			return backbone
		}
	}
	t.Fatalf("no base of model_type %q in %s", modelType, filepath.Join(string(f), "bases"))
	return nil
}

// attaches reports whether a method goes on a backbone, with the fields that methods want at least.
func attaches(b *peft.Backbone, name string) bool {
	for _, fields := range []string{``, `, "target_modules": "all-linear"`, `, "target_modules": ["convolution"]`, `, "num_virtual_tokens": 2`} {
		cfg, err := peft.ParseConfig([]byte(fmt.Sprintf(`{"peft_type": %q%s}`, name, fields)))
		if err != nil {
			continue
		}
		if adapted, err := peft.Attach(b, "a", cfg); err == nil && adapted.NumTrainable() > 0 {
			return true
		}
	}
	return false
}
