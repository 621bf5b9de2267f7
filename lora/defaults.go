package lora

import "github.com/gopeft/gopeft/peft/seam"

// defaultTargets are HF PEFT's target modules for LoRA where a config names none, by model_type.
var defaultTargets = seam.UsualTargets()
