// Package hooks holds one small method for each hook of the seam that the library's methods leave unused: (IA)^3 and a
// bottleneck adapter. They exist to hold package peft to golden cases before the real methods stand, so each has just
// what its case needs. Only tests import it:
//
//	import _ "github.com/gopeft/gopeft/internal/pefttest/hooks"
//
// registers IA3 under its real name, and the bottleneck, which has no peft_type in HF PEFT, as BOTTLENECK. The package
// that brings a real method takes its hook's place here: a type can be registered once only.
//
// Papers: Liu et al. 2022, arXiv:2205.05638 ((IA)^3); Pfeiffer et al. 2020, arXiv:2005.00247 (bottleneck).
package hooks
