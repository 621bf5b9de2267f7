// Package peft joins frozen backbones with named adapters: the seam between models, which name no method, and
// methods, which name no model.
package peft
