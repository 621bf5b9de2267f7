package preprocess

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
)

// ReadWAV reads a WAV file, as [DecodeWAV] does. Errors match [ErrAudio] and name the path.
func ReadWAV(path string) (Sound, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Sound{}, fmt.Errorf("%w: %w", ErrAudio, err)
	}
	s, err := parseWAV(raw)
	if err != nil {
		return Sound{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// DecodeWAV reads a recording in WAV (RIFF) format: PCM of 8, 16, 24 or 32 bits or floats of 32 or 64 bits, with any number of
// channels and any rate. Integers are scaled to -1..1. Errors match [ErrAudio]; among them is a file that is cut off.
func DecodeWAV(r io.Reader) (Sound, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return Sound{}, fmt.Errorf("%w: %w", ErrAudio, err)
	}
	return parseWAV(raw)
}

func parseWAV(raw []byte) (Sound, error) {
	const head = 12
	if len(raw) < head || string(raw[:4]) != "RIFF" || string(raw[8:head]) != "WAVE" {
		return Sound{}, audiof("is no WAV (RIFF) file")
	}
	var f *waveFormat
	for rest := raw[head:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if name == "data" && size == math.MaxUint32 { // written to a pipe: all that follows
			size = int64(len(rest))
		}
		if size > int64(len(rest)) {
			return Sound{}, audiof("is cut off: chunk %q has %d of %d bytes", name, len(rest), size)
		}
		chunk := rest[:size]
		rest = rest[min(size+size%2, int64(len(rest))):]
		switch name {
		case "fmt ":
			var err error
			if f, err = parseFormat(chunk); err != nil {
				return Sound{}, err
			}
		case "data":
			if f == nil {
				return Sound{}, audiof("has samples before their format")
			}
			return f.decode(chunk)
		}
	}
	return Sound{}, audiof("is cut off: it has no samples")
}

// waveFormat is how samples are stored.
type waveFormat struct {
	float          bool
	channels, rate int
	width          int // bytes of a sample
}

const (
	wholeNumbers, floats, extensible = 1, 3, 0xfffe
	// highestRate is far beyond any recording's, and keeps what is computed with it small.
	highestRate = 10_000_000
)

func parseFormat(b []byte) (*waveFormat, error) {
	if len(b) < 16 {
		return nil, audiof("is cut off: its format has %d of 16 bytes", len(b))
	}
	tag := int(binary.LittleEndian.Uint16(b))
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	if tag == extensible {
		if len(b) < 26 {
			return nil, audiof("is cut off: its extensible format has %d of 40 bytes", len(b))
		}
		tag = int(binary.LittleEndian.Uint16(b[24:])) // the first of the encoding's GUID
	}
	f := &waveFormat{
		float: tag == floats, channels: int(binary.LittleEndian.Uint16(b[2:])), rate: int(binary.LittleEndian.Uint32(b[4:])), width: bits / 8,
	}
	switch {
	case tag == wholeNumbers && (bits == 8 || bits == 16 || bits == 24 || bits == 32), tag == floats && (bits == 32 || bits == 64):
	case tag == wholeNumbers || tag == floats:
		return nil, audiof("has samples of %d bits: read are 8, 16, 24 and 32, and 32 and 64 for floats", bits)
	default:
		return nil, audiof("has encoding %d: read are PCM (1) and IEEE floats (3)", tag)
	}
	if f.channels == 0 {
		return nil, audiof("has no channels")
	}
	if f.rate < 1 || f.rate > highestRate {
		return nil, audiof("has %d samples a second, want 1..%d", f.rate, highestRate)
	}
	if align := int(binary.LittleEndian.Uint16(b[12:])); align != f.channels*f.width {
		return nil, audiof("has frames of %d bytes, %d channels of %d bits take %d", align, f.channels, bits, f.channels*f.width)
	}
	return f, nil
}

func (f *waveFormat) decode(b []byte) (Sound, error) {
	frame := f.channels * f.width
	if len(b)%frame != 0 {
		return Sound{}, audiof("is cut off: %d bytes of samples are no whole number of frames of %d", len(b), frame)
	}
	if len(b) == 0 {
		return Sound{}, audiof("holds no samples")
	}
	s := Sound{Rate: f.rate, Channels: make([][]float32, f.channels)}
	value := f.reader()
	for c := range s.Channels {
		s.Channels[c] = make([]float32, len(b)/frame)
		for i := range s.Channels[c] {
			s.Channels[c][i] = value(b[i*frame+c*f.width:])
		}
	}
	return s, nil
}

// reader gives how to read a sample, which whole numbers scale to -1..1.
func (f *waveFormat) reader() func(b []byte) float32 {
	little := binary.LittleEndian
	switch {
	case f.float && f.width == 8:
		return func(b []byte) float32 { return float32(math.Float64frombits(little.Uint64(b))) }
	case f.float:
		return func(b []byte) float32 { return math.Float32frombits(little.Uint32(b)) }
	case f.width == 1: // without a sign, unlike the others
		return func(b []byte) float32 { return float32(int(b[0])-128) / (1 << 7) }
	case f.width == 2:
		return func(b []byte) float32 { return float32(int16(little.Uint16(b))) / (1 << 15) }
	case f.width == 3:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
		}
	}
	return func(b []byte) float32 { return float32(int32(little.Uint32(b))) / (1 << 31) }
}
