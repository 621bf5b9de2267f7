package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// near is what the fixtures ask of outputs and gradients.
var near = golden.Tolerance{Abs: 1e-4, Rel: 1e-4}

// The program gives transformers' numbers on every backbone, and HF PEFT's on every LoRA case: outputs and gradients, and
// outputs again when the adapter is merged.
func TestGolden(t *testing.T) {
	f := golden.OpenFixtures(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	ran := 0
	for _, name := range bases {
		if !golden.Process(name) {
			continue
		}
		dir := f.BaseDir(name)
		in := argumentsOf(t, dir)
		t.Run(name, func(t *testing.T) {
			io, err := peft.ReadTensors(filepath.Join(dir, "io.safetensors"))
			require.NoError(t, err)
			require.NoError(t, near.NearAll(name, golden.Under(io, "out."), infers(t, "-backbone", dir, "-in", in)))
		})
		cases, err := f.Cases(name)
		require.NoError(t, err)
		for _, adapter := range cases {
			c, err := f.Case(name, adapter)
			require.NoError(t, err)
			if c.Type != "LORA" || golden.Compiles && adapter != "lora" {
				continue
			}
			ran++
			t.Run(name+"/"+adapter, func(t *testing.T) {
				in := in
				if own := golden.Under(c.Golden, "in."); len(own) > 0 { // of sizes that the base does not have
					in = filepath.Join(t.TempDir(), "in.safetensors")
					require.NoError(t, peft.WriteTensors(in, own))
				}
				outputs, grads := golden.Under(c.Golden, "out."), golden.Under(c.Golden, "grad.")
				got := infers(t, "-backbone", dir, "-adapter", c.Dir, "-in", in, "-grad")
				require.Len(t, golden.Under(got, "grad."), len(grads))
				require.NoError(t, near.NearAll("gradients", grads, golden.Under(got, "grad.")))
				require.NoError(t, near.NearAll("outputs", outputs, got))
				require.NoError(t, near.NearAll("merged", outputs, infers(t, "-backbone", dir, "-adapter", c.Dir, "-in", in, "-merge")))
			})
		}
	}
	require.GreaterOrEqual(t, ran, golden.Processes)
}

// -init gives the adapter its values: an empty one becomes the one of the golden case.
func TestInit(t *testing.T) {
	f := golden.OpenFixtures(t)
	c, err := f.Case("bert_seqcls", "lora")
	require.NoError(t, err)
	weights := filepath.Join(c.Dir, "adapter_model.safetensors")
	values, err := peft.ReadTensors(weights)
	require.NoError(t, err)
	empty := t.TempDir()
	require.NoError(t, os.CopyFS(empty, os.DirFS(c.Dir)))
	require.NoError(t, os.Remove(filepath.Join(empty, "adapter_model.safetensors")))
	for key, v := range values {
		values[key] = tensors.FromShape(v.Shape())
	}
	require.NoError(t, peft.WriteTensors(filepath.Join(empty, "adapter_model.safetensors"), values))

	dir, want := f.BaseDir("bert_seqcls"), golden.Under(c.Golden, "out.")
	args := []string{"-backbone", dir, "-adapter", empty, "-in", argumentsOf(t, dir)}
	require.Error(t, near.NearAll("without values", want, infers(t, args...)))
	require.NoError(t, near.NearAll("with values", want, infers(t, append(args, "-init", weights)...)))
}

// A method of virtual tokens gives HF PEFT's numbers for what its file holds and, with -init, for what that was computed
// from, with gradients under the names that values have while they train.
func TestVirtualTokens(t *testing.T) {
	f := golden.OpenFixtures(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	ran := map[string]int{}
	for _, name := range bases {
		dir := f.BaseDir(name)
		cases, err := f.Cases(name)
		require.NoError(t, err)
		for _, adapter := range cases {
			c, err := f.Case(name, adapter)
			require.NoError(t, err)
			if c.Type != "PREFIX_TUNING" && c.Type != "PROMPT_TUNING" || golden.Compiles && adapter != "prefix-proj" {
				continue
			}
			ran[c.Type]++
			t.Run(name+"/"+adapter, func(t *testing.T) {
				init := filepath.Join(t.TempDir(), "init.safetensors")
				require.NoError(t, peft.WriteTensors(init, golden.Under(c.Golden, "init.")))
				args := []string{"-backbone", dir, "-adapter", c.Dir, "-in", argumentsOf(t, dir)}
				require.NoError(t, near.NearAll("loaded", golden.Under(c.Golden, "loaded."), infers(t, args...)))
				got := infers(t, append(args, "-init", init, "-grad")...)
				grads := golden.Under(c.Golden, "grad.")
				require.Len(t, golden.Under(got, "grad."), len(grads))
				require.NoError(t, near.NearAll("gradients", grads, golden.Under(got, "grad.")))
				for key := range grads {
					delete(got, "grad."+key)
				}
				require.NoError(t, near.NearAll("outputs", golden.Under(c.Golden, "out."), got))
			})
		}
	}
	require.GreaterOrEqual(t, ran["PREFIX_TUNING"], 2)
	require.True(t, golden.Compiles || ran["PROMPT_TUNING"] >= 3)
}

// -compose weighs the outputs of adapters, named as their folders: all of one and nothing of the other is that one, and
// the halves of one make it whole.
func TestCompose(t *testing.T) {
	f := golden.OpenFixtures(t)
	dir := f.BaseDir("bert_seqcls")
	a, err := f.Case("bert_seqcls", "lora")
	require.NoError(t, err)
	b, err := f.Case("bert_seqcls", "lora-alllinear")
	require.NoError(t, err)
	again := filepath.Join(t.TempDir(), "again")
	require.NoError(t, os.CopyFS(again, os.DirFS(a.Dir)))
	in := argumentsOf(t, dir)
	for compose, want := range map[string]*golden.Case{
		"lora": a, "lora-alllinear": b, "average(lora:0.5,again:0.5)": a,
	} {
		got := infers(t, "-backbone", dir, "-adapter", a.Dir, "-adapter", b.Dir, "-adapter", again, "-compose", compose, "-in", in)
		require.NoError(t, near.NearAll(compose, golden.Under(want.Golden, "out."), got))
	}
}

// A head that the checkpoint lacks is drawn from -seed.
func TestSeed(t *testing.T) {
	headless := t.TempDir()
	base := golden.OpenFixtures(t).BaseDir("bert_seqcls")
	require.NoError(t, os.CopyFS(headless, os.DirFS(base)))
	weights := filepath.Join(headless, "model.safetensors")
	values, err := peft.ReadTensors(weights)
	require.NoError(t, err)
	delete(values, "classifier.weight")
	require.NoError(t, os.Remove(weights))
	require.NoError(t, peft.WriteTensors(weights, values))
	run := func(seed string) peft.Tensors {
		return infers(t, "-backbone", headless, "-in", argumentsOf(t, base), "-seed", seed)
	}
	one := run("1")
	require.NoError(t, golden.Same("the same seed", one, run("1")))
	require.Error(t, golden.Same("another seed", one, run("2")))
}
