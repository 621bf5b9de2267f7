package preprocess

import (
	"image"
	"image/color"
	"math"
)

// raster is an image of 8 bits for each of its channels, which stand side by side: grey, or red, green and blue.
type raster struct {
	height, width, channels int
	pix                     []uint8
}

func newRaster(height, width, channels int) *raster {
	return &raster{height, width, channels, make([]uint8, height*width*channels)}
}

// rasterOf takes an image over, in RGB where asked for. Without, only images that have grey levels or RGB themselves
// qualify.
func rasterOf(img image.Image, rgb bool) (*raster, error) {
	b := img.Bounds()
	if b.Empty() {
		return nil, imagef("has no pixels")
	}
	if pixels := int64(b.Dx()) * int64(b.Dy()); pixels > mostPixels {
		return nil, imagef("has %d pixels, more than %d", pixels, mostPixels)
	}
	switch img := img.(type) {
	case *image.Gray16:
		return nil, imagef("has grey levels of 16 bits: bring them to 8 first, as no processor says how")
	case *image.CMYK:
		return nil, imagef("has the colours of print (CMYK): convert it first")
	case *image.Gray:
		if !rgb {
			return greyOf(img), nil
		}
	case *image.Paletted:
		if !rgb {
			return nil, imagef("has a palette, and the processor does not convert to RGB (do_convert_rgb)")
		}
	}
	if !rgb && !opaque(img) {
		return nil, imagef("has an alpha channel, and the processor does not convert to RGB (do_convert_rgb)")
	}
	return rgbOf(img), nil
}

func opaque(img image.Image) bool {
	switch img := img.(type) {
	case *image.NRGBA, *image.NRGBA64: // in a file, an alpha channel even where all of it is opaque
		return false
	case interface{ Opaque() bool }:
		return img.Opaque()
	}
	return false
}

func greyOf(img *image.Gray) *raster {
	b := img.Bounds()
	out := newRaster(b.Dy(), b.Dx(), 1)
	for y := range out.height {
		copy(out.pix[y*out.width:][:out.width], img.Pix[img.PixOffset(b.Min.X, b.Min.Y+y):])
	}
	return out
}

// rgbOf is an image on white ground.
func rgbOf(img image.Image) *raster {
	b := img.Bounds()
	out := newRaster(b.Dy(), b.Dx(), 3)
	i := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, blue := onWhite(img, x, y)
			out.pix[i], out.pix[i+1], out.pix[i+2] = r, g, blue
			i += 3
		}
	}
	return out
}

// onWhite is a pixel's colour on white ground.
func onWhite(img image.Image, x, y int) (r, g, b uint8) {
	var c color.NRGBA
	switch img := img.(type) {
	case *image.NRGBA:
		c = img.NRGBAAt(x, y)
	case *image.RGBA:
		at := img.RGBAAt(x, y)
		if at.A == math.MaxUint8 {
			return at.R, at.G, at.B
		}
		c = color.NRGBAModel.Convert(at).(color.NRGBA)
	case *image.NRGBA64: // the upper byte, as Pillow reads it
		wide := img.NRGBA64At(x, y)
		c = color.NRGBA{uint8(wide.R >> 8), uint8(wide.G >> 8), uint8(wide.B >> 8), uint8(wide.A >> 8)}
	case *image.YCbCr:
		at := img.YCbCrAt(x, y)
		r, g, b = color.YCbCrToRGB(at.Y, at.Cb, at.Cr)
		return r, g, b
	case *image.Gray:
		v := img.GrayAt(x, y).Y
		return v, v, v
	default:
		c = color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
	}
	if c.A == math.MaxUint8 {
		return c.R, c.G, c.B
	}
	return blend(c.R, c.A), blend(c.G, c.A), blend(c.B, c.A)
}

// blend lays a channel over white.
func blend(v, alpha uint8) uint8 {
	sum := uint32(v)*uint32(alpha) + 255*(255-uint32(alpha)) + 128
	return uint8((sum + sum>>8) >> 8)
}

// crop cuts the middle out, with black around it where the image is smaller.
func (r *raster) crop(height, width int) *raster {
	if height == r.height && width == r.width {
		return r
	}
	out := newRaster(height, width, r.channels)
	top, left := offset(r.height, height), offset(r.width, width)
	from, to := max(0, -left), min(width, r.width-left)
	n := r.channels
	for y := max(0, -top); y < min(height, r.height-top); y++ {
		copy(out.pix[(y*width+from)*n:(y*width+to)*n], r.pix[((y+top)*r.width+left+from)*n:])
	}
	return out
}

// offset is where the middle part begins, below 0 where the image is the smaller one.
func offset(size, part int) int {
	if size >= part {
		return (size - part) / 2
	}
	return -((part - size + 1) / 2)
}
