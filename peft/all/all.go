// Package all makes every method of this module known, for programs that open adapters of any kind. Import it for that
// alone; it exports nothing:
//
//	import _ "github.com/gopeft/gopeft/peft/all"
//
// A program that opens adapters of one method only imports that method's package instead. Without either, peft.Load and
// peft.ParseConfig give peft.ErrUnknownType.
package all

import (
	_ "github.com/gopeft/gopeft/ia3"              // IA3
	_ "github.com/gopeft/gopeft/ia3/beft"         // BEFT
	_ "github.com/gopeft/gopeft/ia3/bitfit"       // BITFIT
	_ "github.com/gopeft/gopeft/ia3/full"         // FULL
	_ "github.com/gopeft/gopeft/ia3/norm"         // LN_TUNING
	_ "github.com/gopeft/gopeft/ia3/probe"        // LINEAR_PROBE
	_ "github.com/gopeft/gopeft/ia3/road"         // ROAD
	_ "github.com/gopeft/gopeft/lora"             // LORA
	_ "github.com/gopeft/gopeft/lora/adalora"     // ADALORA
	_ "github.com/gopeft/gopeft/lora/adamss"      // ADAMSS
	_ "github.com/gopeft/gopeft/lora/boft"        // BOFT
	_ "github.com/gopeft/gopeft/lora/c3a"         // C3A
	_ "github.com/gopeft/gopeft/lora/deft"        // DEFT
	_ "github.com/gopeft/gopeft/lora/delora"      // DELORA
	_ "github.com/gopeft/gopeft/lora/diffpruning" // DIFFPRUNING
	_ "github.com/gopeft/gopeft/lora/fishmask"    // FISHMASK
	_ "github.com/gopeft/gopeft/lora/fourierft"   // FOURIERFT
	_ "github.com/gopeft/gopeft/lora/frod"        // FROD
	_ "github.com/gopeft/gopeft/lora/glora"       // GLORA
	_ "github.com/gopeft/gopeft/lora/gralora"     // GRALORA
	_ "github.com/gopeft/gopeft/lora/hira"        // HIRA
	_ "github.com/gopeft/gopeft/lora/hra"         // HRA
	_ "github.com/gopeft/gopeft/lora/lily"        // LILY
	_ "github.com/gopeft/gopeft/lora/loha"        // LOHA
	_ "github.com/gopeft/gopeft/lora/lokr"        // LOKR
	_ "github.com/gopeft/gopeft/lora/miss"        // MISS
	_ "github.com/gopeft/gopeft/lora/oft"         // OFT
	_ "github.com/gopeft/gopeft/lora/osf"         // OSF
	_ "github.com/gopeft/gopeft/lora/peanut"      // PEANUT
	_ "github.com/gopeft/gopeft/lora/poly"        // POLY
	_ "github.com/gopeft/gopeft/lora/psoft"       // PSOFT
	_ "github.com/gopeft/gopeft/lora/pvera"       // PVERA
	_ "github.com/gopeft/gopeft/lora/randlora"    // RANDLORA
	_ "github.com/gopeft/gopeft/lora/shadow"      // SHADOW
	_ "github.com/gopeft/gopeft/lora/shira"       // SHIRA
	_ "github.com/gopeft/gopeft/lora/supertuning" // SUPERTUNING
	_ "github.com/gopeft/gopeft/lora/tinylora"    // TINYLORA
	_ "github.com/gopeft/gopeft/lora/tokens"      // TRAINABLE_TOKENS
	_ "github.com/gopeft/gopeft/lora/unilora"     // UNILORA
	_ "github.com/gopeft/gopeft/lora/vblora"      // VBLORA
	_ "github.com/gopeft/gopeft/lora/vera"        // VERA
	_ "github.com/gopeft/gopeft/lora/waveft"      // WAVEFT
	_ "github.com/gopeft/gopeft/prompt/prefix"    // PREFIX_TUNING
	_ "github.com/gopeft/gopeft/prompt/tuning"    // PROMPT_TUNING
)
