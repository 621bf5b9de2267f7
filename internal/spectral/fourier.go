package spectral

// Places gives where the coefficients of a real, sparse spectrum [m, n] go in a matrix x [m, n], so that Hartley2 of x is the
// real part of the inverse Fourier transform of the spectrum, times mn: half of each coefficient to each of its two places.
// The coefficients' own places in the spectrum are given by their number in it, row by row. The places that come back are pairs
// of a row and a column, first one for each coefficient, then the others. Some may be equal, and then add up.
//
// The real part takes the cosine of a sum of two angles, s and t, and cos(s+t) = (cas(s) cas(-t) + cas(-s) cas(t))/2; the angle is
// turned round by the coefficient from the other side.
func Places(at []int, m, n int) []int32 {
	out := make([]int32, 4*len(at))
	for i, p := range at {
		u, v := p/n, p%n
		first, second := out[2*i:], out[2*(len(at)+i):]
		first[0], first[1] = int32(u), int32((n-v)%n)
		second[0], second[1] = int32((m-u)%m), int32(v)
	}
	return out
}
