// Package pefttest tests methods: whoever writes one, in this module or outside of it, runs the same laws over it. It is to
// package seam what testing/fstest is to io/fs. Only tests import it.
//
// A method's test names a configuration and calls [Conform]:
//
//	func TestConformance(t *testing.T) {
//		pefttest.Conform(t, pefttest.Case{
//			Config:    &scale.Config{Targets: seam.Match("query", "value")},
//			Trainable: 8 + 8, // by the paper, at the widths of pefttest.Tiny
//			Bad: []pefttest.Bad{
//				{Change: `{"bound": 1}`, Field: "bound"},
//				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
//			},
//		})
//	}
//
// Each law is a subtest. One that fails says what was seen, what the law asks for and why it matters. Give a case for each
// variant that the settings make: laws are tried at the case's settings, and at others near them. A case takes a second or
// two. [Check] gives the broken laws as an error, for whatever is no test.
//
// # What a method is tried on
//
// [Tiny] is a transformer of one layer with a site of every kind but convolutions, which [Convolved] has. Neither reads files.
// Both always run on the pure-Go engine, whatever GOMLX_BACKEND says: some laws hold to the bit, which needs an engine that
// computes a node alike in every graph. Nothing is printed, and files are written to a temporary folder only.
//
// # The laws
//
// Settings:
//
//   - config/roundtrip: a config that is read is written back, with every key, to the same bytes the second time.
//   - config/zero-is-default: an unset field means the default that its tag names.
//   - config/bad: a setting that can't be used gives a typed error that names its key, never a panic.
//
// Values:
//
//   - init/identity: a fresh adapter leaves the outputs as they are, or within the bound of the method's Starter.
//   - params/count: counts of values, their keys and their shapes agree with the plan.
//   - seed/deterministic: equal seeds give equal first values, other seeds others.
//
// Training:
//
//   - train/isolation: a step changes every trainable value, and nothing else.
//   - train/learns: 20 steps of Adam lower the loss.
//   - grad/finite-difference: gradients are the derivatives of the loss, but for those of the method's Approximator.
//
// Merging and switching off:
//
//   - merge/equivalent: a merged backbone computes what the adapter did; where a case can't be merged, merging gives ErrMerge.
//   - unmerge: unmerging gives the old values back, to the bit.
//   - tolora: a plain LoRA of full rank that is made of the adapter computes what it did, where it changes weights only.
//   - disable/restores: a call without the adapter computes what the bare backbone does, to the bit.
//
// Graphs:
//
//   - graph/stable: a graph is built once for each shape, and values are not built into it.
//   - graph/key: every setting that is built into a graph is in the method's GraphKey.
//
// Files:
//
//   - save/roundtrip: a saved adapter loads to the same bits, and equal adapters give equal files.
//   - save/fault: a write that fails leaves the old files.
//   - load/strict: a tensor that is missing, extra or misshapen is refused by its name.
//
// Many adapters, many callers:
//
//   - two/adapters: adapters on one backbone don't touch each other.
//   - rows: in a batch with an adapter of its own for each row, each row gets what its adapter gives alone.
//   - concurrent: calls at the same time give what they give one by one.
//   - ctx/cancel: under a cancelled context nothing is computed.
//   - half: on a bfloat16 backbone outputs stay near those in float32, gradients finite, and merged weights bfloat16.
//
// # Exceptions
//
// A method that asks for arguments of its own (seam.Asker) is given them by Case.Arguments.
//
// A law that a method can't keep as it stands is bent by what the method says of itself, with a reason, never by its name:
//
//   - A fresh adapter that moves the outputs, as inserted random modules do, implements seam.Starter: StartError gives how far.
//   - A value whose gradient is not that of the loss by design, as a straight-through one, implements seam.Approximator:
//     ApproximateGradient gives the reason for each such value.
//   - A method without seam.Merger can't be merged, and one whose hooks act on attention or on the input may refuse batches
//     with an adapter for each row. Where only some settings can't be merged, Case.NoMerge says so.
//   - A change that no LoRA tells, as one of biases alone, is an UnsupportedError of ToLoRA. The law is tried where package lora is imported.
//   - seam.Rower is a promise that formulas take values that differ from row to row; the law "rows" holds a method to it. Without
//     it the law holds as well, by one pass for each adapter.
//   - A method that is written to a file in another form implements seam.Exporter; save/roundtrip then compares what is
//     computed, and values only where they are alike.
package pefttest
