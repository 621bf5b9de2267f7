package predict

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/peft"
)

func (in Sounds) batches(ctx context.Context, p *Predictor, _ peft.Selection) (iter.Seq2[batch, error], error) {
	return p.soundBatches(ctx, len(in), func(i int) (preprocess.Sound, error) { return in[i], nil })
}

func (in SoundFiles) batches(ctx context.Context, p *Predictor, _ peft.Selection) (iter.Seq2[batch, error], error) {
	return p.soundBatches(ctx, len(in), func(i int) (preprocess.Sound, error) { return preprocess.ReadWAV(in[i]) })
}

// soundsAtOnce is how many batches of sounds are looked at together to find those of like length.
const soundsAtOnce = 8

// wave is a sound as the backbone takes it.
type wave struct {
	of      int
	samples []float32
	masked  bool // the backbone is told what is padding
	length  int  // with padding
}

// soundBatches makes batches of sounds. Where the feature extractor tells the backbone what is padding, sounds are padded
// to one of few lengths; where it doesn't, padding would change the answer, and those of a batch are of one length.
func (p *Predictor) soundBatches(ctx context.Context, n int, open func(i int) (preprocess.Sound, error)) (iter.Seq2[batch, error], error) {
	extractor, err := p.sounds()
	if err != nil {
		return nil, err
	}
	most := p.options.batchSize()
	return func(yield func(batch, error) bool) {
		for from := 0; from < n; from += soundsAtOnce * most {
			var waves []wave
			for i := from; i < min(from+soundsAtOnce*most, n); i++ {
				err := stopped(ctx, from)
				var w wave
				if err == nil {
					w, err = waveOf(extractor, i, open)
				}
				if err != nil {
					yield(batch{}, err)
					return
				}
				waves = append(waves, w)
			}
			slices.SortStableFunc(waves, func(a, b wave) int { return cmp.Compare(b.length, a.length) })
			for len(waves) > 0 {
				k := 1
				for k < min(most, len(waves)) && waves[k].length == waves[0].length && waves[k].masked == waves[0].masked {
					k++
				}
				if !yield(waveBatch(waves[:k], most), nil) {
					return
				}
				waves = waves[k:]
			}
		}
	}, nil
}

// waveOf opens a sound.
func waveOf(extractor *preprocess.FeatureExtractor, i int, open func(i int) (preprocess.Sound, error)) (wave, error) {
	sound, err := open(i)
	var in peft.Tensors
	if err == nil {
		in, err = extractor.Process(sound)
	}
	var samples []float32
	if err == nil {
		samples, err = tensors.CopyFlatData[float32](in["input_values"])
	}
	if err != nil {
		return wave{}, fmt.Errorf("input %d: %w", i, err)
	}
	w := wave{of: i, samples: samples, masked: in["attention_mask"] != nil, length: len(samples)}
	if w.masked {
		w.length = roundUp(len(samples))
	}
	return w, nil
}

// roundUp gives one of four lengths for each power of two, so that padding is at most a fifth.
func roundUp(n int) int {
	step := max(1<<bits.Len(uint(n))>>3, 1)
	return (n + step - 1) / step * step
}

// waveBatch puts sounds of one length together.
func waveBatch(waves []wave, most int) batch {
	b := batch{size: fillTo(len(waves), most)}
	length := waves[0].length
	values, mask := make([]float32, b.size*length), make([]int32, b.size*length)
	for k := range b.size {
		w := waves[min(k, len(waves)-1)]
		copy(values[k*length:], w.samples)
		for j := range w.samples {
			mask[k*length+j] = 1
		}
		if k < len(waves) {
			b.rows, b.of = append(b.rows, w.of), append(b.of, w.of)
		}
	}
	b.in = peft.Tensors{"input_values": tensors.FromFlatDataAndDimensions(values, b.size, length)}
	if waves[0].masked {
		b.in["attention_mask"] = tensors.FromFlatDataAndDimensions(mask, b.size, length)
	}
	return b
}
