// Package defects has a test for each thing that HF PEFT and AdapterHub's adapters were measured to do wrong, under its number in
// the project's notes (D1 to D15), which says what this library does there. The tests of D6 are in peft/all, over every method;
// those of D10 and D11 in lora/randlora and lora/lily have more of them. D2 is about X-LoRA, which is not here yet.
package defects
