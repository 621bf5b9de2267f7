package adalora

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// Export implements seam.Exporter: ranks whose E is 0 are left out, and rank_pattern says which are there; fan_in_fan_out
// becomes what the targets have. An adapter whose every E is 0 has not begun to learn, and is written whole.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not AdaLoRA's config", seam.ErrConfig, cfg)
	}
	kept := map[string][]bool{}
	lost, left := 0, 0
	for _, s := range in.Sites {
		if s.Kind == seam.Linear {
			c.FanInFanOut = s.FanInFanOut
		}
		e, err := in.Flat(s.Path, nameE)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range e {
			kept[s.Path] = append(kept[s.Path], v != 0)
			if v != 0 {
				left++
			} else {
				lost++
			}
		}
	}
	if lost == 0 || left == 0 {
		return c, in.Values, nil
	}
	pattern := map[string][]bool{}
	for _, s := range in.Sites {
		pattern[patternKey(s.Path)] = within(m.c.RankPattern[patternKey(s.Path)], kept[s.Path])
		if err := crop(in, s, kept[s.Path]); err != nil {
			return nil, nil, err
		}
	}
	c.RankPattern = pattern
	return c, in.Values, nil
}

// within says of all ranks which are left, where those that kept speaks of are the ones of a former pattern, nil for all.
func within(former, kept []bool) []bool {
	if former == nil {
		return kept
	}
	out := make([]bool, len(former))
	for i, k := 0, 0; i < len(former); i++ {
		if former[i] {
			out[i] = kept[k]
			k++
		}
	}
	return out
}

// crop takes the ranks that are not kept out of a site's values.
func crop(in *seam.Export, s seam.Site, kept []bool) error {
	r, n := len(kept), count(kept)
	if n == r {
		return nil
	}
	for _, name := range []string{nameA, nameE} {
		flat, err := in.Flat(s.Path, name)
		if err != nil {
			return err
		}
		width := len(flat) / r
		var out []float32
		for i, yes := range kept {
			if yes {
				out = append(out, flat[i*width:(i+1)*width]...)
			}
		}
		put(in, s, name, out, n, width)
	}
	flat, err := in.Flat(s.Path, nameB)
	if err != nil {
		return err
	}
	var out []float32
	for i, v := range flat {
		if kept[i%r] {
			out = append(out, v)
		}
	}
	put(in, s, nameB, out, s.Out, n)
	return nil
}

func put(in *seam.Export, s seam.Site, name string, flat []float32, shape ...int) {
	p := seam.Param{Site: s.Path, Name: name}
	in.Values[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, shape...)
}
