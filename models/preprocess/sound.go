package preprocess

// Sound is a recording: samples in -1..1 for each of its channels, all of one length, and how many there are a second.
type Sound struct {
	Rate     int // Hz
	Channels [][]float32
}

// Mono is the mean of the channels. It shares the memory of a single one. Errors match ErrAudio: there are no samples, the
// channels differ in length, or a sample is not finite.
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
