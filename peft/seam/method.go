package seam

import "slices"

// Method is a validated technique. It knows no model: Plan meets the sites of one, and everything else it can do is
// told by the hooks and abilities below, found by type assertion. A Method is immutable.
type Method interface {
	// Plan says which sites the method acts on and which values it keeps there.
	Plan(*Blueprint) (*Plan, error)
	// GraphKey names every setting that is baked into the graph (not shapes, not values, not what is fed as Const).
	// Two adapters with equal keys and equal shapes share compiled programs.
	GraphKey() string
}

// Plan is what a method does to one backbone.
type Plan struct {
	Sites   []string // paths where its hooks are called
	Params  []Param
	Targets Targets // target_modules as resolved, for the adapter's file; the zero value keeps the config's
	// Alone says that, whatever Rower has, these formulas take no row axis.
	Alone bool
}

// index finds a value of a site by name, -1 where the plan holds none.
func (p *Plan) index(site, name string) int {
	return slices.IndexFunc(p.Params, func(q Param) bool { return q.Site == site && q.Name == name })
}

// Holds reports whether the plan has a value of that name at a site.
func (p *Plan) Holds(site, name string) bool { return p.index(site, name) >= 0 }
