// Package golden is the golden runner: it holds backbones and methods to what the field's reference implementations
// compute, on the cases of a folder. Only tests import it:
//
//	func TestGolden(t *testing.T) {
//		golden.Walk(t, golden.OpenEngine(t), golden.OpenFixtures(t))
//	}
//
// The folder is the one that GOPEFT_FIXTURES names, else internal/pefttest/testdata/fixtures. It holds
//
//	bases/BASE          config.json, model.safetensors; io.safetensors: "in.*" and what the bare model makes of it, "out.*"
//	cases/BASE/CASE     adapter_config.json, adapter_model.safetensors as HF PEFT saved them; case.json (type, counts,
//	                    optimiser); golden.safetensors: "out.*", "grad.KEY", "train.*", and for prompt learning "init.*"
//	                    (what training starts from) and "loaded.*" (what the saved file gives)
//
// internal/pefttest/testdata/variants holds more cases on the same bases, which [WalkVariants] runs: "extra.*", "start.*" and
// factors.safetensors there are described in internal/testdata/gen/variants.py, which made them.
//
// Every base whose model_type is registered runs, and of its cases every one whose peft_type is: a method adds files
// here, not code. Each case must fulfil every law; see [Run].
//
// # Programs
//
// XLA compiles a program for a second or more, so on an engine that compiles most cases come to two: that of a training
// step, which also gives the outputs and gradients that the laws ask for, and that which merges. The plain cases of a few
// bases (see few.go) have there, as all have on the Go engine, a program of their own for [peft.Adapted.Forward],
// [peft.Adapted.Gradients] and the step, and run what they exported. What is checked is the same but for that last.
//
// # Tolerance
//
// |got - want| <= 1e-5 + 1e-5 |want| in float32, the first more where a tensor has elements beyond 5; 1e-3 for the
// methods that invert or factorise a matrix; 5e-5 at the end of a trajectory with gradients so faint that rounding turns
// them. Losses of a trajectory: 1e-3 relative. Whatever is saved, reloaded or unmerged: equal bits.
package golden
