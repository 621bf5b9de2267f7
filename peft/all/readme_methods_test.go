package all_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// hfTypes are the methods of HF PEFT 0.21.2: its enum PeftType.
const hfTypes = " ADALORA ADAMSS ADAPTION_PROMPT BEFT BOFT C3A CARTRIDGE CPT DEFT DELORA FOURIERFT FROD GLORA GRALORA HIRA HRA IA3 LILY LN_TUNING LOHA LOKR " +
	"LORA MISS MULTITASK_PROMPT_TUNING OFT OSF PEANUT POLY PREFIX_TUNING PROMPT_TUNING PSOFT PVERA P_TUNING RANDLORA ROAD SHADOW SHIRA SUPERTUNING " +
	"TINYLORA TRAINABLE_TOKENS UNILORA VBLORA VERA WAVEFT XLORA "

// The README's table of methods is found by trying each that is registered.
func TestREADMEMethods(t *testing.T) {
	cases := casesByType(t)
	e := golden.OpenEngine(t)
	module := strings.TrimSuffix(reflect.TypeFor[peft.Engine]().PkgPath(), "peft")
	var out strings.Builder
	out.WriteString("| `peft_type` | package | trains | merges | reads HF's file | writes HF's file | convolutions | by rows | to LoRA |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	for name, cfg := range seam.Types() {
		reads, writes := files(t, e, name, cases[name])
		cells := append(onTiny(t, name), onConvolved(t, name), byRows(t, name), toLoRA(t, name))
		folder := strings.TrimPrefix(reflect.TypeOf(cfg).Elem().PkgPath(), module)
		fmt.Fprintf(&out, "| `%s` | [`%s`](%s) | %s | %s | %s | %s | %s |\n", name, folder, folder,
			strings.Join(cells[:2], " | "), reads, writes, strings.Join(cells[2:4], " | "), cells[4])
	}
	holds(t, "methods", out.String())
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return ""
}

// onTiny tells whether a method trains and merges.
func onTiny(t *testing.T, name string) []string {
	t.Helper()
	a, err := attached(t, pefttest.Tiny, name, "query")
	require.NoError(t, err, name)
	merges := false
	if ad, err := a.Adapter("a"); err == nil && len(ad.Sites()) == 0 {
		merges = true
	} else if m, err := ad.Config().Method(); err == nil {
		merges = seam.CanMerge(m)
	}
	_, err = a.Merge(t.Context(), peft.Use("a"))
	require.Equal(t, merges, err == nil, "%s: %v", name, err)
	return []string{yes(a.NumTrainable() > 0), yes(merges)}
}

// onConvolved tells whether a method trains at a convolution.
func onConvolved(t *testing.T, name string) string {
	t.Helper()
	const conv = "signal"
	a, err := attached(t, pefttest.Convolved, name, conv)
	if err != nil {
		return ""
	}
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	if slices.Contains(ad.Sites(), conv) {
		return yes(a.NumTrainable() > 0)
	}
	params, err := a.Trainable(peft.Use("a"))
	require.NoError(t, err)
	return yes(slices.ContainsFunc(params, func(p peft.TrainableParam) bool { return strings.Contains(p.FileKey(), "."+conv+".") }))
}

// byRows tells how a method takes another adapter in each row.
func byRows(t *testing.T, name string) string {
	t.Helper()
	a, err := attached(t, pefttest.Tiny, name, "query")
	require.NoError(t, err)
	require.NoError(t, attachOn(t, a, "b", name, "query"))
	if _, err := a.Forward(t.Context(), peft.Rows("a", "", "b", "a").Among("a", "b"), batch()); err != nil {
		require.ErrorIs(t, err, peft.ErrUnsupported, name)
		return ""
	}
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	m, err := ad.Config().Method()
	require.NoError(t, err)
	if r, ok := m.(seam.Rower); ok && r.RowsOK() || len(ad.Sites()) == 0 {
		return "at once"
	}
	return "in turn"
}

// toLoRA tells whether a method's change of a weight has a plain LoRA.
func toLoRA(t *testing.T, name string) string {
	t.Helper()
	a, err := attached(t, pefttest.Tiny, name, "query")
	require.NoError(t, err)
	_, err = a.ToLoRA(t.Context(), "a", "plain", peft.LoRAOptions{Energy: 1})
	if err != nil && !errors.Is(err, peft.ErrUnsupported) {
		require.ErrorIs(t, err, peft.ErrMerge, name)
	}
	return yes(err == nil)
}

// place is a golden case.
type place struct{ base, dir string }

// casesByType gives the first committed case of each type.
func casesByType(t *testing.T) map[string]place {
	t.Helper()
	out := map[string]place{}
	for _, f := range []golden.Fixtures{golden.Committed(t), golden.Variants(t)} {
		found, err := filepath.Glob(filepath.Join(string(f), "cases", "*", "*", "case.json"))
		require.NoError(t, err)
		for _, file := range found {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			var c struct {
				Type    string `json:"peft_type"`
				Changes bool   `json:"changes_base"`
			}
			require.NoError(t, json.Unmarshal(raw, &c))
			dir := filepath.Dir(file)
			if _, there := out[c.Type]; !there && !c.Changes {
				out[c.Type] = place{filepath.Base(filepath.Dir(dir)), dir}
			}
		}
	}
	return out
}

// files tells whether a file of HF PEFT's opens, and whether what is written of it has the same tensors.
func files(t *testing.T, e *peft.Engine, name string, at place) (reads, writes string) {
	t.Helper()
	if !strings.Contains(hfTypes, " "+name+" ") {
		return "not in HF PEFT", ""
	}
	if at.dir == "" {
		return "", ""
	}
	base, err := golden.Committed(t).Base(e, at.base)
	require.NoError(t, err)
	a, err := peft.Load(base.Backbone, at.dir)
	require.NoError(t, err, at.dir)
	ad, err := a.Adapter(a.Names()[0])
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.SaveAdapter(a.Names()[0], dir))
	theirs, err := golden.ReadTensors(filepath.Join(at.dir, peft.WeightsFile))
	require.NoError(t, err)
	ours, err := golden.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)
	reads, writes = "yes", "yes"
	if len(ad.Warnings()) > 0 {
		reads = "nearly" // its package says what the file lacks
	}
	want, got := slices.Sorted(maps.Keys(theirs)), slices.Sorted(maps.Keys(ours))
	if !slices.Equal(want, got) {
		writes = "yes, and more"
		for _, key := range want {
			if !slices.Contains(got, key) {
				writes = "yes, without repeats"
			}
		}
	}
	return reads, writes
}
