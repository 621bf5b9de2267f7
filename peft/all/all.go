// Package all imports every method, so that one line opens any adapter file:
//
//	import _ "github.com/gopeft/gopeft/peft/all"
package all

import (
	_ "github.com/gopeft/gopeft/lora"          // LORA
	_ "github.com/gopeft/gopeft/prompt/prefix" // PREFIX_TUNING
	_ "github.com/gopeft/gopeft/prompt/tuning" // PROMPT_TUNING
)
