package preprocess

import "math"

// filter is one of Pillow's ways to resample an image, by its number there (a config's "resample").
type filter int

// Pillow's filters.
const (
	nearest filter = iota
	lanczos
	bilinear
	bicubic
	box
	hamming
)

// kernel gives a filter's weight of a pixel by its distance from the centre in output pixels, and the distance beyond which
// it is 0.
func (f filter) kernel() (weight func(x float64) float64, reach float64, ok bool) {
	switch f {
	case box:
		return func(x float64) float64 {
			if x > -0.5 && x <= 0.5 {
				return 1
			}
			return 0
		}, 0.5, true
	case bilinear:
		return func(x float64) float64 { return max(0, 1-math.Abs(x)) }, 1, true
	case hamming:
		return func(x float64) float64 {
			if math.Abs(x) >= 1 {
				return 0
			}
			return sinc(x) * (0.54 + 0.46*math.Cos(math.Pi*x))
		}, 1, true
	case bicubic:
		return cubic, 2, true
	case lanczos:
		return func(x float64) float64 {
			if x < -3 || x >= 3 {
				return 0
			}
			return sinc(x) * sinc(x/3)
		}, 3, true
	}
	return nil, 0, false
}

// cubic is the interpolating cubic with slope -0.5 at 1 (Keys 1981).
func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((x-5)*x+8)*x*a - 4*a
	}
	return 0
}

// sinc is sin(πx)/(πx).
func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}
