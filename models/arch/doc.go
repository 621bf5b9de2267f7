// Package arch is what families of backbones share, on the seam of package peft: attention, activations, losses as
// transformers computes them, checks of forward's arguments, and the list of values a network reads from a
// checkpoint.
package arch
