package all_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// batch is what the tiny networks of pefttest take: four rows of five tokens.
func batch() peft.Tensors {
	return peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{1, 5, 3, 9, 2}, {4, 4, 10, 0, 7}, {8, 2, 6, 1, 3}, {0, 9, 5, 7, 10}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1, 1}, {1, 1, 1, 1, 0}, {1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}}),
		"labels":         tensors.FromValue([]int32{0, 2, 1, 2}),
	}
}

// hasTargets reports whether a method has target_modules that a test may set.
func hasTargets(t testing.TB, cfg seam.Config) bool {
	t.Helper()
	raw, err := seam.MarshalConfig(cfg)
	require.NoError(t, err)
	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &keys))
	_, ok := keys["target_modules"]
	return ok && !strings.Contains(needed[cfg.PEFTType()], "target_modules")
}

// configOf gives a method's config as small networks take it, with further fields (`, "key": value`).
func configOf(name, more string) (peft.Config, error) {
	return peft.ParseConfig([]byte(fmt.Sprintf(`{"peft_type": %q%s%s}`, name, needed[name], more)))
}

// fed gives the options of attaching, with data where a method starts from data.
func fed(cfg peft.Config, in peft.Tensors, opts ...peft.Option) []peft.Option {
	m, err := cfg.Method()
	if c, ok := m.(seam.Calibrator); err != nil || !ok || c.Calibration() == nil {
		return opts
	}
	return append(opts, peft.Calibrate(context.Background(), func(yield func(peft.Tensors, error) bool) { yield(in, nil) }))
}

// attached puts a method on a tiny backbone: where it has target_modules, on those of the name.
func attached(t testing.TB, backbone func() (*peft.Backbone, error), name, target string) (*peft.Adapted, error) {
	t.Helper()
	b, err := backbone()
	require.NoError(t, err)
	a := peft.New(b)
	return a, attachOn(t, a, "a", name, target)
}

func attachOn(t testing.TB, a *peft.Adapted, as, name, target string) error {
	t.Helper()
	plain, err := configOf(name, "")
	require.NoError(t, err)
	if hasTargets(t, plain) {
		if plain, err = configOf(name, fmt.Sprintf(`, "target_modules": [%q]`, target)); err != nil {
			return err
		}
	}
	return a.Attach(as, plain, fed(plain, batch(), peft.Seed(uint64(as[0])))...)
}

// stir moves every value that trains by up to size.
func stir(t testing.TB, a *peft.Adapted, name string, size float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(name[0]), 7))
	params, err := a.Trainable(peft.Use(name))
	require.NoError(t, err)
	next := peft.Tensors{}
	for _, p := range params {
		flat, err := tensors.CopyFlatData[float32](p.Value)
		require.NoError(t, err)
		for i := range flat {
			flat[i] += float32(size * (2*r.Float64() - 1))
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
	}
	ad, err := a.Adapter(name)
	require.NoError(t, err)
	require.NoError(t, ad.Set(ad.Config(), next))
}
