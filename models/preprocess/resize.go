package preprocess

import "math"

// resize gives an image another size. Shrinking widens the filter, so that every pixel counts. Like Pillow it works on one
// axis after the other, with weights of 22 binary places, and rounds and clips to grey levels after each: along the rows
// first or, as Pillow 13 does, along the columns where the height shrinks by more than twice what the width does.
//
// golang.org/x/image/draw has the same filters but neither rounds nor clips between the axes and cuts the result off, which
// moves grey levels at edges by 5 to 15.
func (r *raster) resize(height, width int, f filter) *raster {
	if f == nearest {
		return r.nearest(height, width)
	}
	out := r
	columns := func() {
		if height != r.height {
			out = out.alongColumns(spans(r.height, height, f))
		}
	}
	less := r.height - height
	upright := less > 0 && less > 2*(r.width-width)
	if upright {
		columns()
	}
	if width != r.width {
		out = out.alongRows(spans(r.width, width, f))
	}
	if !upright {
		columns()
	}
	return out
}

// span says which inputs make an output, and with which weights.
type span struct {
	first   int
	weights []int64
}

const places = 22 // of weights, binary

// spans are those of every output of an axis.
func spans(in, out int, f filter) []span {
	weight, reach, _ := f.kernel()
	scale := float64(in) / float64(out)
	wide := max(scale, 1)
	reach *= wide
	all := make([]span, out)
	for i := range all {
		centre := (float64(i) + 0.5) * scale
		first := max(int(centre-reach+0.5), 0)
		last := min(int(centre+reach+0.5), in)
		w := make([]float64, last-first)
		sum := 0.0
		for j := range w {
			w[j] = weight((float64(first+j) - centre + 0.5) * (1 / wide))
			sum += w[j]
		}
		all[i] = span{first, make([]int64, len(w))}
		for j := range w {
			if sum != 0 {
				w[j] /= sum
			}
			all[i].weights[j] = int64(math.Round(w[j] * (1 << places)))
		}
	}
	return all
}

func (r *raster) alongRows(all []span) *raster {
	out := newRaster(r.height, len(all), r.channels)
	n := r.channels
	for y := range r.height {
		row := r.pix[y*r.width*n : (y+1)*r.width*n]
		for x, s := range all {
			for c := range n {
				sum, at := int64(1)<<(places-1), s.first*n+c
				for _, w := range s.weights {
					sum += w * int64(row[at])
					at += n
				}
				out.pix[(y*out.width+x)*n+c] = clip(sum)
			}
		}
	}
	return out
}

func (r *raster) alongColumns(all []span) *raster {
	out := newRaster(len(all), r.width, r.channels)
	stride := r.width * r.channels
	sums := make([]int64, stride)
	for y, s := range all {
		for i := range sums {
			sums[i] = 1 << (places - 1)
		}
		for j, w := range s.weights {
			for i, v := range r.pix[(s.first+j)*stride : (s.first+j+1)*stride] {
				sums[i] += w * int64(v)
			}
		}
		for i, sum := range sums {
			out.pix[y*stride+i] = clip(sum)
		}
	}
	return out
}

func clip(sum int64) uint8 { return uint8(min(max(sum>>places, 0), 255)) }

func (r *raster) nearest(height, width int) *raster {
	out := newRaster(height, width, r.channels)
	n := r.channels
	rows, columns := nearestOf(r.height, height), nearestOf(r.width, width)
	for y, from := range rows {
		for x, at := range columns {
			copy(out.pix[(y*width+x)*n:][:n], r.pix[(from*r.width+at)*n:])
		}
	}
	return out
}

// nearestOf is the input under the middle of each output of an axis. Steps are added up, as Pillow does.
func nearestOf(in, out int) []int {
	step := float64(in) / float64(out)
	all := make([]int, out)
	at := step * 0.5
	for i := range all {
		all[i] = min(int(at), in-1)
		at += step
	}
	return all
}
