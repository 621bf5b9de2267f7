// Package lokr is LoKr: an update of the weight that is a Kronecker product of two small factors (Yeh et al. 2023, Navigating
// Text-To-Image Customization, arXiv:2309.14859; as LyCORIS and HF PEFT have it).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + (alpha/r) C ⊗ D
//
// where every width is split into two, out = o₁·o₂ and in = c₁·c₂: C is [o₁, c₁] and D [o₂, c₂]. D, and with DecomposeBoth C, is
// itself a product of rank r where that has fewer values. C starts as zeros, so a fresh adapter changes nothing. The product is
// never made where it costs less to apply D and C one after the other.
//
// Use it where the file must be smaller than LoRA's at a like rank of the update: in HF PEFT's comparison on MetaMathQA
// (Llama-3.2-3B, rank 32, factor 4) it reaches 46.6 % with 2.3 million values, LoRA 47.8 % with 9.2 million.
//
// Files hold lokr_w1 or lokr_w1_a and lokr_w1_b, lokr_w2 or lokr_w2_a and lokr_w2_b, and lokr_t2 under each target, as HF
// PEFT's do. At a convolution over one axis whose second factor is whole, HF PEFT's product pairs the axes in another order; it
// is followed here, since files mean that.
//
// Unlike HF PEFT's it also takes GPT-2's linear maps, and convolutions over three axes.
package lokr
