// Package fishmask is FishMask: it trains few of the model's own weights, those about which data say most, and keeps all
// others (Sung, Nair and Raffel 2021, Training neural networks with fixed sparse masks, arXiv:2111.09839).
//
// How much data say about a weight is its Fisher information, estimated by its diagonal: the mean over examples of the square
// of the loss's gradient,
//
//	F = 1/N Σ (∂/∂W -log p(yᵢ | xᵢ))²
//
// of the labels that examples have (the paper's empirical Fisher). Of all weights of all targets together, the share KeepRatio
// with the largest F is chosen before training, and stays; a target may get many places, or none. The adapter holds a value
// for each, which is added to the frozen weight there and starts at 0, so that a fresh adapter changes nothing.
//
// The data come by peft.Calibrate, with labels: some hundred examples do. They are measured one at a time, whatever their
// batches.
//
// # When to use it
//
// Where a file must be as small as can be, or where weights of several tasks are to be added up: updates at few places rarely
// meet. Each step computes the whole gradient of a target's weight, of which it keeps a part, so LoRA is faster. HF PEFT has no
// FishMask; its SHiRA chooses places without data.
//
// # Files
//
// Under each target that has places: fishmask_weight, the values [k], and fishmask_indices, whole numbers [2, k]: the rows and
// the columns of the weight [out, in], or, at a convolution, of [out, in · kernel], and at an embedding of [tokens, width].
// The config's kept_per_module says how many each target has.
package fishmask
