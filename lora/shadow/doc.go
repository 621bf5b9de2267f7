// Package shadow is ShadowPEFT, a small network that goes along with a decoder (as HF PEFT 0.21 has it).
//
// A small network of the backbone's own architecture, by default one block of it, makes of the text a state s [columns, hidden].
// At each block the input h is corrected by how far it is from the state, and behind the block the state is moved on by its
// output y:
//
//	h ← h + α · U D dropout(h - s)
//	s ← (1 - g) ⊙ s + g ⊙ T(y)     with     g = σ(G(y))
//
// D [r, hidden] and U [hidden, r] are low-rank, T and G networks of two layers. U starts as zeros, so a fresh adapter changes
// nothing. The small network also learns to predict by itself: with labels, the loss of its own predictions, of the backbone's
// output layer or of a copy of the classifier on the first state, is added by LossWeight, in evaluation too.
//
// It acts on decoder-only backbones. The change depends on the text, so it can't be merged. When text is written, the small
// network keeps keys and values as the backbone does.
//
// Use it where a further small network may run beside each call and updates of weights are not wanted; for most tasks LoRA is
// the usual first choice, at a fraction of the values.
//
// # Differences from HF PEFT
//
//   - LayersToTransform also counts where Targets is not set or names blocks by their number. HF PEFT passes it over in the first
//     case and finds no module in the second.
//   - Blocks with a gap between them are refused when the adapter is attached, not when it runs.
//   - A checkpoint in place of "mirror" (shadow_model), and the small network alone (unload_shadow), are not there.
//   - Several adapters may act at once, or differ from row to row.
//
// Files hold shadow_down, shadow_up, shadow_update_transform and shadow_update_gate under each block and
// base_model.shadow_backbone with the small network, all followed by "default", as HF PEFT's do whatever the adapter is called. The
// update networks of the last block are there and count among what trains, but nothing depends on them. So do the token embeddings of
// GPT-2's small network.
package shadow
