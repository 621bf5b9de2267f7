package preprocess

import (
	"encoding/json"
	"fmt"
)

// ImageProcessor turns images into the input of image models, "pixel_values", as the image processors of transformers do: it
// resizes, crops and normalises. Make one with [LoadImages] or [ParseImages]; the zero value gives errors. It never changes,
// so several goroutines may use it at once.
type ImageProcessor struct {
	convertsRGB bool

	resizes   bool
	size      target
	filter    filter
	square    bool    // a size of one number is both sides, not the shortest
	cropShare float64 // ConvNeXT's crop_pct, 0 for other kinds

	crops bool
	crop  target

	scale           float64   // of grey levels, 1 for none
	mean, deviation []float64 // by channel, or one for all; nil for no normalisation
}

// target is a size to reach: both sides, or the shortest one with the other in proportion.
type target struct{ height, width, shortest int }

// LoadImages reads the image processor of a model from its transformers folder: the part "image_processor" of
// processor_config.json or, without it, preprocessor_config.json. If that does not tell the kind of processor, it follows from
// the model_type in config.json. Errors match [ErrConfig].
func LoadImages(dir string) (*ImageProcessor, error) {
	raw, modelType, err := find(dir, "image_processor")
	if err != nil {
		return nil, err
	}
	p, err := parseImages(raw, modelType)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return p, nil
}

// ParseImages makes an image processor from the content of a preprocessor_config.json. Its image_processor_type must be that
// of CLIP, ViT, ConvNeXT (which ResNet shares) or BiT. Fields that are left out have transformers' defaults. A field that is
// unknown, or asks for what is not supported, is an error that names it and matches [ErrConfig].
func ParseImages(config []byte) (*ImageProcessor, error) { return parseImages(config, "") }

func parseImages(config []byte, modelType string) (*ImageProcessor, error) {
	f, err := parseFields(config)
	if err != nil {
		return nil, err
	}
	class := f.typeName()
	if f.err != nil {
		return nil, f.err
	}
	p, err := imageKind(class, modelType)
	if err != nil {
		return nil, err
	}
	p.convertsRGB = get(f, "do_convert_rgb", p.convertsRGB)
	p.readSizes(f)
	p.readScale(f)
	only(f, "do_pad", false)
	only(f, "use_square_size", false)
	only(f, "data_format", "channels_first")
	f.skip("pad_size", "processor_class", "_valid_processor_keys", "return_tensors", "disable_grouping", "device")
	if err := f.done(); err != nil {
		return nil, err
	}
	return &p, nil
}

func (p *ImageProcessor) readSizes(f *fields) {
	p.resizes = get(f, "do_resize", p.resizes)
	p.square = get(f, "default_to_square", p.square)
	p.size = readTarget(f, "size", p.square, p.size)
	if p.cropShare > 0 {
		if p.cropShare = get(f, "crop_pct", p.cropShare); !(p.cropShare > 0.01 && p.cropShare <= 1) {
			f.failf("crop_pct", "must be in (0.01, 1], is %v", p.cropShare)
		}
		if p.size.shortest == 0 {
			f.failf("size", "must be the shortest edge")
		}
	}
	p.filter = filter(get(f, "resample", int(p.filter)))
	if _, _, ok := p.filter.kernel(); !ok && p.filter != nearest {
		f.failf("resample", "%d is none of Pillow's filters", p.filter)
	}
	p.crops = get(f, "do_center_crop", p.crops)
	p.crop = readTarget(f, "crop_size", true, p.crop)
	if p.crops && p.crop.height == 0 {
		f.failf("crop_size", "must be a height and a width where do_center_crop is true")
	}
}

// most is the longest side that a config may ask for.
const most = 1 << 14

// readTarget reads a size: one number, two, or an object with their names.
func readTarget(f *fields, field string, square bool, def target) target {
	raw := get(f, field, json.RawMessage("null"))
	var side int
	var sides []int
	var named struct {
		Height, Width int
		Shortest      int `json:"shortest_edge"`
	}
	out := def
	switch {
	case string(raw) == "null":
		return def
	case json.Unmarshal(raw, &side) == nil && square:
		out = target{height: side, width: side}
	case json.Unmarshal(raw, &side) == nil:
		out = target{shortest: side}
	case json.Unmarshal(raw, &sides) == nil && len(sides) == 2:
		out = target{height: sides[0], width: sides[1]}
	case strict(raw, &named) == nil:
		out = target{named.Height, named.Width, named.Shortest}
	default:
		f.failf(field, "want a number, a height and a width or a shortest_edge, got %s", raw)
		return def
	}
	low, high := min(out.height, out.width), max(out.height, out.width, out.shortest)
	if high > most || low < 0 || out.shortest < 0 || (low > 0) == (out.shortest > 0) {
		f.failf(field, "want a shortest_edge or a height and a width in 1..%d, got %s", most, raw)
		return def
	}
	return out
}

// readScale reads what becomes of grey levels 0..255.
func (p *ImageProcessor) readScale(f *fields) {
	p.scale = get(f, "rescale_factor", 1.0/255)
	if !get(f, "do_rescale", true) {
		p.scale = 1
	}
	p.mean, p.deviation = channelValues(f, "image_mean", p.mean), channelValues(f, "image_std", p.deviation)
	if len(p.mean) != len(p.deviation) && len(p.mean) != 1 && len(p.deviation) != 1 {
		f.failf("image_std", "has %d channels, image_mean has %d", len(p.deviation), len(p.mean))
	}
	for _, v := range p.deviation {
		if !(v > 0) {
			f.failf("image_std", "must be positive, is %v", v)
		}
	}
	if !get(f, "do_normalize", true) {
		p.mean, p.deviation = nil, nil
	}
}

// channelValues reads one number for all channels, or one for each.
func channelValues(f *fields, field string, def []float64) []float64 {
	raw := get(f, field, json.RawMessage("null"))
	var one float64
	var each []float64
	switch {
	case string(raw) == "null":
		return def
	case json.Unmarshal(raw, &one) == nil:
		return []float64{one}
	case json.Unmarshal(raw, &each) == nil && (len(each) == 1 || len(each) == 3):
		return each
	}
	f.failf(field, "want one number or three, got %s", raw)
	return def
}
