package frod

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// Initialize implements seam.Initializer: it finds the V that no file held, and with it each target's U.
func (m *method) Initialize(in *seam.Init) error {
	groups, count, err := grouped(in)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := m.initialize(in, g, count); err != nil {
			return err
		}
	}
	return nil
}

// grouped gives the categories in which an adapter acts, and each site's number.
func grouped(in *seam.Init) ([]*group, map[string]int, error) {
	byName, count := map[string]*group{}, map[string]int{}
	var out []*group
	err := in.EachSite(func(s seam.Site) error {
		name := category(s.Path)
		if byName[name] == nil {
			byName[name] = &group{name: name}
			out = append(out, byName[name])
		}
		byName[name].sites = append(byName[name].sites, s)
		count[s.Path] = len(count)
		return nil
	})
	return out, count, err
}

func (m *method) initialize(in *seam.Init, g *group, count map[string]int) error {
	weight := func(s seam.Site) (*mat.Dense, error) {
		flat, _, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return nil, err
		}
		return dense(flat, s.Out, s.In), nil
	}
	v, err := in.Value("", nameV+g.name)
	if err != nil {
		return err
	}
	if !in.FromFile("", nameV+g.name) {
		var weights []*mat.Dense
		for _, s := range g.basis(count) {
			w, err := weight(s)
			if err != nil {
				return err
			}
			weights = append(weights, w)
		}
		for i, x := range jointBasis(weights, m.c.Alpha).RawMatrix().Data {
			v[i] = float32(x)
		}
	}
	n := g.sites[0].In
	if err := checkPlaces(in, g.name, n); err != nil {
		return err
	}
	inverted := inverse(dense(v, n, n))
	for _, s := range g.sites {
		w, err := weight(s)
		if err != nil {
			return err
		}
		if err := m.set(in, s, w, inverted); err != nil {
			return err
		}
	}
	return nil
}

// set gives a site its U, and a fresh one its lambda.
func (m *method) set(in *seam.Init, s seam.Site, w, inverted *mat.Dense) error {
	u, lengths := factor(w, inverted)
	for name, from := range map[string][]float32{nameU: u, nameLengths: lengths, nameLambda: lengths} {
		if name == nameLambda && in.FromFile(s.Path, name) {
			continue
		}
		value, err := in.Value(s.Path, name)
		if err != nil {
			return err
		}
		copy(value, from)
		if name == nameLambda && !*m.c.InitWeights {
			r := in.Rand(s.Path + "." + nameLambda)
			for i := range value {
				value[i] += float32(0.1 * r.NormFloat64())
			}
		}
	}
	return nil
}

// checkPlaces refuses places of a file that lie outside of S.
func checkPlaces(in *seam.Init, name string, n int) error {
	if !in.Has("", nameIndices+name) || !in.FromFile("", nameIndices+name) {
		return nil
	}
	places, err := in.Ints("", nameIndices+name)
	if err != nil {
		return err
	}
	for i, p := range places {
		if p < 0 || int(p) >= n {
			return &seam.TensorError{
				Tensor: "base_model." + nameIndices + name,
				Reason: fmt.Sprintf("its number %d is %d: S has the rows and columns 0 to %d", i, p, n-1),
			}
		}
	}
	return nil
}
