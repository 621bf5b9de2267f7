package preprocess

// Sound is a recording. [ReadWAV] and [DecodeWAV] make one from a file; others may be put together from samples.
type Sound struct {
	Rate     int         // the sampling rate in Hz
	Channels [][]float32 // the samples of each channel, in -1..1; all channels have the same length
}

// Mono gives the mean of the channels. A single channel is given itself, not copied. An error matches [ErrAudio]: there are no
// samples, the channels differ in length, or a sample is infinite or NaN.
func (s Sound) Mono() ([]float32, error) {
	if len(s.Channels) == 0 || len(s.Channels[0]) == 0 {
		return nil, audiof("holds no samples")
	}
	for i, c := range s.Channels {
		if len(c) != len(s.Channels[0]) {
			return nil, audiof("channel %d has %d samples, channel 0 has %d", i, len(c), len(s.Channels[0]))
		}
		for at, v := range c {
			if v-v != 0 {
				return nil, audiof("sample %d of channel %d is %v", at, i, v)
			}
		}
	}
	if len(s.Channels) == 1 {
		return s.Channels[0], nil
	}
	out := make([]float32, len(s.Channels[0]))
	for i := range out {
		sum := 0.0
		for _, c := range s.Channels {
			sum += float64(c[i])
		}
		out[i] = float32(sum / float64(len(s.Channels)))
	}
	return out, nil
}
