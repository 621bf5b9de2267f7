// Package torchrand draws the random numbers that torch and numpy draw from a seed, to the bit.
//
// Some files of HF PEFT leave out what a seed gives again: the frozen projections of VeRA, PVeRA, RandLoRA and TinyLoRA, the
// positions of FourierFT and WaveFT, the indices of UniLoRA, the sparse positions of FRoD. A method that reads such a
// file draws them here, in the order and the types in which HF PEFT draws them. What a fresh adapter starts from, and no
// file leaves out, is drawn by internal/seeded instead.
//
// [Generator] is torch's generator on the CPU, [DefaultRNG] numpy's default_rng and [RandomState] numpy's older RandomState.
// None of them may be used by two goroutines at once.
//
// # What is equal
//
// Everything was compared with torch 2.15.0 on x86-64 and numpy 2.4.6, and is equal to the bit but for this:
//
//   - [Generator.Normal64], and [Generator.Normal] of fewer than 16 numbers, go through the logarithm, sine and cosine of
//     Go's math package, torch through those of the C library. The results may differ in their last bits: by no more than
//     1e-15 relative for float64, and rarely by one unit in the last place for float32, where they are rounded from float64.
//
// torch is not equal to itself on all machines. For 16 or more float32 numbers it computes the normal distribution by a
// polynomial in fused multiplications on x86-64 with AVX2, which is what Normal does, and by other functions elsewhere (ARM,
// GPUs); these differ in the last bits. The numbers behind them, and so permutations, integers and uniform numbers, are the
// same on every CPU.
//
// torch is not equal to itself in all versions either. A uniform number that was rounded to the upper bound becomes the
// lower one, half precision is drawn with the 24 bits of float32, and integers are drawn from 64 bits if the range has 1<<28
// or more of them: this is how torch 2.15.0 does it, and older ones did not.
package torchrand
