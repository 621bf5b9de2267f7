// Package hooks holds one small method for each hook of the seam that the library's methods leave unused: a bottleneck
// adapter. It exists to hold package peft to golden cases before the real method stands, so it has just what its cases need.
// Only tests import it:
//
//	import _ "github.com/gopeft/gopeft/internal/pefttest/hooks"
//
// registers the bottleneck, which has no peft_type in HF PEFT, as BOTTLENECK. The package that brings the real method takes
// its hook's place here: a type can be registered once only.
//
// Paper: Pfeiffer et al. 2020, arXiv:2005.00247 (bottleneck).
package hooks
