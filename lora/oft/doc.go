// Package oft is OFT: orthogonal fine-tuning (Qiu et al. 2023, arXiv:2306.07280), in the form of its second version (Qiu et al.
// 2025, arXiv:2506.19847), as HF PEFT has it.
//
// What goes into each target is rotated before the frozen weight W [out, in] meets it:
//
//	y = W R x + b,    R = diag(R₁, …, Rₙ) with orthogonal blocks Rᵢ
//
// so angles between the weights of different outputs stay what they are. A block is the Cayley transform of a skew-symmetric
// matrix Q, of which the file holds the upper triangle: (I + Q)⁻¹(I - Q), or, with UseCayleyNeumann, the first terms of the
// series of (I + Q)(I - Q)⁻¹, which is cheaper and only nearly orthogonal. Q starts as zeros, so a fresh adapter changes nothing.
// At an embedding the rows that are looked up are rotated, at a convolution the channels and places of its kernels.
//
// Use it where what the model knows must be kept while it learns, as when a generator of images learns a subject.
// Of HF PEFT's runs with Llama 3.2 3B on MetaMathQA, that of OFT reached 49.1 % (LoRA of rank 32: 47.8 %).
//
// # Differences from HF PEFT
//
//   - A block size that does not divide the width is an error for a new adapter; HF PEFT takes the nearest that does, with a
//     warning, and so does this package for an adapter that is loaded.
//   - HF PEFT computes a convolution with a kernel of several places otherwise than it merges it: it adds overlapping patches of
//     the input up, so that even its fresh adapter changes the outputs. Here a convolution is what the merged weight gives.
//   - COFT (Constrained) bounds each Q in every forward pass, with the gradient of a free one, and after each step of training.
//     HF PEFT's forward pass changes the values themselves, even of an adapter that is only evaluated.
package oft
