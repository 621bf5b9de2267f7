package preprocess

import (
	"fmt"
	"image"

	"github.com/gomlx/gomlx/core/tensors"
)

// Process turns one or more images into an argument of a forward pass: "pixel_values", float32 of shape [images, channels,
// height, width]. The images of a call must come out in one size, which they may not if the processor keeps proportions and
// does not crop. An error matches [ErrImage] and tells the index of the image, counted from 0.
func (p *ImageProcessor) Process(images ...image.Image) (map[string]*tensors.Tensor, error) {
	if p == nil || p.size == (target{}) {
		return nil, imagef("an ImageProcessor that LoadImages or ParseImages did not make")
	}
	if len(images) == 0 {
		return nil, imagef("there are none")
	}
	var flat []float32
	var first *raster
	for i, img := range images {
		r, err := p.raster(img)
		if err != nil {
			return nil, fmt.Errorf("image %d: %w", i, err)
		}
		if first == nil {
			first = r
			flat = make([]float32, 0, len(images)*len(r.pix))
		}
		if r.height != first.height || r.width != first.width || r.channels != first.channels {
			return nil, fmt.Errorf("image %d: %w", i, imagef("becomes %d x %d x %d (channels, height, width), the first one %d x %d x %d",
				r.channels, r.height, r.width, first.channels, first.height, first.width))
		}
		flat = p.appendScaled(flat, r)
	}
	t := tensors.FromFlatDataAndDimensions(flat, len(images), first.channels, first.height, first.width)
	return map[string]*tensors.Tensor{"pixel_values": t}, nil
}

// raster is an image resized and cut.
func (p *ImageProcessor) raster(img image.Image) (*raster, error) {
	if img == nil {
		return nil, imagef("is nil")
	}
	r, err := rasterOf(img, p.convertsRGB)
	if err != nil {
		return nil, err
	}
	if n := max(len(p.mean), len(p.deviation)); n > 1 && n != r.channels {
		return nil, imagef("has %d channel, image_mean has %d, and the processor does not convert to RGB (do_convert_rgb)", r.channels, n)
	}
	if p.resizes {
		height, width, cropped := p.sizeFor(r)
		if int64(height)*int64(width) > mostPixels {
			return nil, imagef("of %d x %d pixels becomes %d x %d, more than %d pixels", r.height, r.width, height, width, mostPixels)
		}
		if r = r.resize(height, width, p.filter); cropped {
			r = r.crop(p.size.shortest, p.size.shortest)
		}
	}
	if p.crops {
		r = r.crop(p.crop.height, p.crop.width)
	}
	return r, nil
}

// uncropped is the size from which on ConvNeXT's processor distorts images to squares instead of cutting squares out.
const uncropped = 384

// sizeFor is the size to resize an image to, and whether to cut a square of the size out then.
func (p *ImageProcessor) sizeFor(r *raster) (height, width int, crop bool) {
	short := p.size.shortest
	switch {
	case short == 0:
		return p.size.height, p.size.width, false
	case p.cropShare > 0 && short >= uncropped:
		return short, short, false
	case p.cropShare > 0:
		short, crop = int(float64(short)/p.cropShare), true
	}
	if r.width <= r.height {
		return short * r.height / r.width, short, crop
	}
	return short, short * r.width / r.height, crop
}

// appendScaled appends an image, channel by channel, with its levels scaled and normalised.
func (p *ImageProcessor) appendScaled(flat []float32, r *raster) []float32 {
	for c := range r.channels {
		levels := p.levels(c)
		for i := c; i < len(r.pix); i += r.channels {
			flat = append(flat, levels[r.pix[i]])
		}
	}
	return flat
}

// levels is what becomes of every grey level of a channel, rounded where transformers rounds.
func (p *ImageProcessor) levels(channel int) (out [256]float32) {
	for v := range out {
		out[v] = float32(float64(v) * p.scale)
		if p.mean != nil {
			out[v] = (out[v] - float32(of(p.mean, channel))) / float32(of(p.deviation, channel))
		}
	}
	return out
}

func of(values []float64, channel int) float64 {
	if len(values) == 1 {
		return values[0]
	}
	return values[channel]
}
