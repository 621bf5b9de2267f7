package seam

import "slices"

// Method is a way of fine-tuning with settings that were checked, made by a Config. What it computes is told by the hooks
// that it implements as well, such as LinearHook; what else it can do, by further interfaces such as Merger. A Method is
// immutable and used by many calls at once.
type Method interface {
	// Plan says where the method acts on a backbone, and which values it keeps there. Errors match ErrTarget, ErrConfig or
	// ErrUnsupported, as those of Blueprint.Select do.
	Plan(*Blueprint) (*Plan, error)
	// GraphKey gives every setting that hooks build into a graph as a constant or by their control flow, as "dropout=0.1".
	// Adapters with equal keys and values of equal shapes share compiled graphs. Shapes, and values that are fed (Param.Const
	// among them), don't belong there. "" is the key of a method without such settings.
	GraphKey() string
}

// Plan is what a method does to one backbone: where it acts, and which values it keeps.
type Plan struct {
	Sites  []string // paths of the sites where the hooks are called
	Params []Param  // the adapter's values
	// Targets is what target_modules says in the adapter's file: as Blueprint.Select gives it. The zero value leaves what
	// the config says.
	Targets Targets
	// Alone takes Rower.RowsOK back for this backbone: in a batch with an adapter for each row, the site is then computed
	// once for each adapter. It is for sites, such as grouped convolutions, where the one pass of a Rower would not work.
	Alone bool
	// Warnings tell what is allowed and probably not meant, a sentence each.
	Warnings []string
}

// index finds a value of a site by name, -1 where the plan holds none.
func (p *Plan) index(site, name string) int {
	return slices.IndexFunc(p.Params, func(q Param) bool { return q.Site == site && q.Name == name })
}

// Holds reports whether the plan has a value of a name (Param.Name) at a site.
func (p *Plan) Holds(site, name string) bool { return p.index(site, name) >= 0 }
