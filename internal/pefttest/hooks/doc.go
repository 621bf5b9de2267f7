// Package hooks holds one small method for each hook of the seam that LoRA leaves unused: (IA)^3, a bottleneck
// adapter, prefix tuning and prompt tuning. They exist to hold package peft to golden cases before the real methods
// stand, so each has just what its case needs. Only tests import it:
//
//	import _ "github.com/gopeft/gopeft/internal/pefttest/hooks"
//
// registers IA3, PREFIX_TUNING and PROMPT_TUNING under their real names, and the bottleneck, which has no peft_type in
// HF PEFT, as BOTTLENECK. The package that brings a real method takes its hook's place here: a type can be registered
// once only.
//
// Papers: Liu et al. 2022, arXiv:2205.05638 ((IA)^3); Pfeiffer et al. 2020, arXiv:2005.00247 (bottleneck); Li and
// Liang 2021, arXiv:2101.00190 (prefix); Lester et al. 2021, arXiv:2104.08691 (prompt).
package hooks
