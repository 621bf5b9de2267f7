package preprocess

import "math"

// Resample changes the sampling rate of a recording x from one rate to another, in Hz, as torchaudio.functional.resample does
// by default: with a sinc filter of width 6 under a Hann window, cut off at 0.99 of the lower rate's Nyquist frequency (J. O.
// Smith, Digital Audio Resampling, 2002). The result has len(x)*to/from samples, rounded up; if the rates are equal it is x
// itself. An error matches [ErrAudio]: a rate outside 1..10,000,000 Hz, or more than 2^31 samples.
func Resample(x []float32, from, to int) ([]float32, error) {
	if min(from, to) < 1 || max(from, to) > highestRate {
		return nil, audiof("rates %d and %d Hz: want 1..%d", from, to, highestRate)
	}
	common := gcd(from, to)
	if from, to = from/common, to/common; from == to {
		return x, nil
	}
	length := (int64(len(x))*int64(to) + int64(from) - 1) / int64(from)
	if length > math.MaxInt32 {
		return nil, audiof("%d samples at %d:%d of their rate would be %d", len(x), to, from, length)
	}
	out := make([]float32, length)
	phases := make([]taps, min(int64(to), length))
	for i := range phases {
		phases[i] = phase(i, from, to)
	}
	for i := range out {
		p := &phases[i%to]
		first := i/to*from + p.first
		sum := 0.0
		for j := max(0, -first); j < min(len(p.weights), len(x)-first); j++ {
			sum += float64(p.weights[j]) * float64(x[first+j])
		}
		out[i] = float32(sum)
	}
	return out, nil
}

// taps are the weights of the inputs around an output, of which first is the first one's place.
type taps struct {
	first   int
	weights []float32
}

// phase is output i of every `to`, for which there are `from` inputs.
func phase(i, from, to int) taps {
	const width, rolloff = 6.0, 0.99
	base := float64(min(from, to)) * rolloff // cut-off, with the time that `from` inputs take as the unit
	centre := float64(i) / float64(to)
	reach := width / base
	first := int(math.Ceil((centre - reach) * float64(from)))
	last := int(math.Floor((centre + reach) * float64(from)))
	p := taps{first, make([]float32, last-first+1)}
	for j := range p.weights {
		t := (float64(first+j)/float64(from) - centre) * base
		window := math.Cos(t * math.Pi / width / 2)
		p.weights[j] = float32(sinc(t) * window * window * base / float64(from))
	}
	return p
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
