// Package pefttest holds what every method must obey, as laws that run. Only tests import it.
//
// A line in peft/all puts a method under every law, through ConformAll. A method adds cases for its variants in its
// own tests:
//
//	pefttest.Conform(t, pefttest.Case{
//		Name: "LORA, dora",
//		JSON: `{"peft_type": "LORA", "r": 2, "target_modules": ["query", "value"], "use_dora": true}`,
//		Trainable: 2*2*(8+8) + 2*8, // by the paper, on Tiny
//	})
//
// Check gives the broken laws as one error instead, so that the suite is itself tested: a small honest method breaks
// none, and each of its faulty twins the law aimed at. Where a law can't hold as it stands, the method says so
// by a trait (Starter, Approximator) with a reason; no law knows a method by name.
//
// Methods are tried on Tiny, a transformer of one layer with a site of every kind, on the pure-Go engine: laws that hold to
// the bit need an engine that computes a node alike in every graph.
package pefttest
