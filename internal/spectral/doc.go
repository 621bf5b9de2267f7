// Package spectral computes discrete transforms of matrices in a graph by real matrix products, which every engine has and
// is fast at, and which have gradients: the Hartley transform, from which the real part of a Fourier transform comes.
//
// A width n = a·b with good factors is transformed in two steps, as in Cooley and Tukey 1965, so that a matrix [m, n] costs
// about 2mn(a+b) multiplications instead of mn², and no table has more than a few hundred thousand numbers. A width without
// factors, such as a prime, is transformed by the whole n by n table.
package spectral
