package torchrand

import "math"

// The functions of this file are those of torch's vectorised normal distribution: the polynomials of S. Moshier's Cephes
// library for float32 (logf, sinf, cosf), with the products and sums fused that torch's compiler fuses for AVX2. Each fma32
// below, and each product outside of one, stands where it does for that reason.

// The coefficients of Cephes, highest power first.
var (
	logTerms = []float32{
		7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
	}
	sinTerms = []float32{-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1}
	cosTerms = []float32{2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2}
	quarters = []float32{-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8} // sum up to -pi/4
)

// polynomial gives the value at x by Horner's rule.
func polynomial(terms []float32, x float32) float32 {
	y := terms[0]
	for _, term := range terms[1:] {
		y = fma32(y, x, term)
	}
	return y
}

// log32 gives the natural logarithm of x in (0, 1].
func log32(x float32) float32 {
	const logLow, logHigh = -2.12194440e-4, 0.693359375 // sum up to log 2

	bits := math.Float32bits(max(x, 0x1p-126))
	exponent := float32(int(bits>>23) - 126)
	m := math.Float32frombits(bits&(1<<23-1) | math.Float32bits(0.5)) // in [0.5, 1)
	if m < math.Sqrt2/2 {
		exponent--
		m += m
	}
	m--
	square := m * m
	y := fma32(polynomial(logTerms, m)*m, square, exponent*logLow)
	y = fma32(-square, 0.5, y)
	return fma32(exponent, logHigh, m+y)
}

// sincos32 gives sine and cosine of x in [0, 2 pi).
func sincos32(x float32) (sin, cos float32) {
	octant := (int(x*(4/math.Pi)) + 1) &^ 1 // the nearest even number of eighths of a turn
	for _, part := range quarters {
		x = fma32(float32(octant), part, x)
	}
	square := x * x
	cos = fma32(polynomial(cosTerms, square)*square, square, -(square*0.5)) + 1
	sin = fma32(polynomial(sinTerms, square)*square, x, x)
	if octant&2 != 0 {
		sin, cos = cos, sin
	}
	if octant&4 != 0 {
		sin = -sin
	}
	if (octant+2)&4 != 0 {
		cos = -cos
	}
	return sin, cos
}
