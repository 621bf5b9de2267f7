package seam

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
)

// Selector says which sites a method acts on, by HF PEFT's rules. Methods fill it from their config's settings of these names.
type Selector struct {
	Targets           Targets // target_modules; the zero value means the method's default for the family
	Exclude           Targets // exclude_modules; the zero value excludes nothing
	LayersToTransform Ints    // layers_to_transform: the blocks; the zero value means all
	LayersPattern     Strings // layers_pattern: the name that blocks' indices follow in paths; the zero value means any
	Kinds             []Kind  // the kinds of sites that the method can act at; empty means Linear
	Bias              string  // bias: which biases of the backbone train, for PlanSites; "" means none. See BiasParams
}

// Select gives the chosen sites in the backbone's order, and the targets that the adapter's file is to name (Plan.Targets).
// Unlike HF PEFT it refuses a name that matches nothing, and lists the nearest that exist. A site of another kind than the
// method's is refused as well. Errors match ErrTarget, ErrConfig or ErrUnsupported. See also PlanSites.
func (b *Blueprint) Select(s Selector) ([]Site, Targets, error) {
	if len(s.Kinds) == 0 {
		s.Kinds = []Kind{Linear}
	}
	b.blocks = slices.Contains(s.Kinds, Block)
	if err := s.checkLayers(); err != nil {
		return nil, Targets{}, err
	}
	targets, err := b.resolve(s.Targets)
	if err != nil {
		return nil, Targets{}, err
	}
	if err := b.checkNames("target_modules", targets); err != nil {
		return nil, Targets{}, err
	}
	if err := b.checkExcluded(s.Exclude); err != nil {
		return nil, Targets{}, err
	}
	var out []Site
	aliased := false
	for _, site := range b.Sites {
		ok, err := b.wants(s, targets, site)
		if err != nil {
			return nil, Targets{}, err
		}
		if site.Alias != "" && b.isModule(site) && !aliased {
			plain, err := b.wants(s, targets, Site{Path: site.Path})
			if err != nil {
				return nil, Targets{}, err
			}
			aliased = plain != ok
		}
		if !ok || !b.isModule(site) {
			continue
		}
		if !slices.Contains(s.Kinds, site.Kind) {
			return nil, Targets{}, &UnsupportedError{Option: fmt.Sprintf("an adapter of this type on %s, a %s", site.Path, site.Kind)}
		}
		out = append(out, site)
	}
	if len(out) == 0 && len(b.warnings) > 0 { // all that is meant is trained whole
		return nil, Targets{}, fmt.Errorf("%w: %s: no target is left", ErrTarget, strings.Join(b.warnings, "; "))
	}
	if len(out) == 0 && len(targets.names) > 0 && !b.lenient { // each name means a module, see checkNames
		return nil, Targets{}, &TargetError{
			Field: "target_modules", Name: targets.String(), Reason: fmt.Sprintf("exclude_modules and layers_to_transform leave nothing of %s", targets),
		}
	}
	if len(out) == 0 && !targets.IsPattern() && len(targets.names) == 0 {
		return nil, Targets{}, &TargetError{
			Field: "target_modules", Name: targets.String(), Reason: "is an empty list; modules are " + strings.Join(b.moduleNames(), ", "),
		}
	}
	if len(out) == 0 {
		return nil, Targets{}, &TargetError{Field: "target_modules", Name: targets.String(), Near: b.moduleNames()}
	}
	if aliased { // others know the chosen modules by their paths only
		targets = Match(paths(out)...)
	}
	return out, targets, nil
}

// checkLayers refuses layers_to_transform and layers_pattern where they have no meaning.
func (s Selector) checkLayers() error {
	if s.Targets.IsPattern() {
		if _, ok := s.LayersToTransform.Values(); ok {
			return Fieldf("layers_to_transform", "can't be used when target_modules is a pattern or \"all-linear\"")
		}
		if len(s.LayersPattern.Values()) > 0 {
			return Fieldf("layers_pattern", "can't be used when target_modules is a pattern or \"all-linear\"")
		}
	}
	if _, ok := s.LayersToTransform.Values(); !ok && len(s.LayersPattern.Values()) > 0 {
		return Fieldf("layers_pattern", "needs layers_to_transform as well")
	}
	return nil
}

func paths(sites []Site) []string {
	out := make([]string, len(sites))
	for i, s := range sites {
		out[i] = s.Path
	}
	return out
}

// isModule leaves out the sites that are no module of their own in transformers, which are places between modules, and blocks
// where the method can't act at them.
func (b *Blueprint) isModule(s Site) bool {
	return s.Kind == Linear || s.Kind == Embedding || s.Kind == Norm || s.Kind == Conv || s.Kind == WeightNorm || s.Kind == Block && b.blocks
}

// resolve turns null and "all-linear" into names.
func (b *Blueprint) resolve(t Targets) (Targets, error) {
	switch {
	case t.IsDefault():
		def, ok := b.defaults[b.Info.ModelType]
		if !ok {
			return t, Fieldf("target_modules", "has no default for model_type %q: name the modules (%s)", b.Info.ModelType, strings.Join(b.moduleNames(), ", "))
		}
		return b.resolve(def)
	case t.kind == targetsPattern && strings.EqualFold(t.pattern, allLinear):
		var names []string
		headless := b.taskType == "SEQ_CLS"
		for _, s := range b.Sites {
			isHead := headless && (s.Path == "classifier" || s.Path == "score")
			if s.Kind == Linear && !s.OutputEmbedding && !isHead {
				names = append(names, s.Path)
			}
		}
		return Match(names...), nil
	}
	return t, nil
}

// checkNames refuses a name of a list that no module carries.
func (b *Blueprint) checkNames(fieldName string, t Targets) error {
	for _, name := range t.names {
		if b.lenient {
			continue
		}
		meant := slices.DeleteFunc(slices.Clone(b.Sites), func(s Site) bool { return !b.isModule(s) || !s.isNamed(name) })
		if len(meant) == 0 {
			return &TargetError{Field: fieldName, Name: name, Near: names.Near(name, b.modulePaths(), 5)}
		}
		if !slices.ContainsFunc(meant, func(s Site) bool { return !b.isSaved(s.Path) }) {
			b.warn("%s: %q means %s, which is trained whole (modules_to_save, task_type)", fieldName, name, strings.Join(paths(meant), ", "))
		}
	}
	return nil
}

// checkExcluded refuses an excluded name that no module carries, containers included.
func (b *Blueprint) checkExcluded(t Targets) error {
	for _, name := range t.names {
		known := slices.ContainsFunc(b.modules, func(m string) bool { return nameMatches(name, m) }) ||
			slices.ContainsFunc(b.Sites, func(s Site) bool { return s.isNamed(name) })
		if !known && !b.lenient {
			return &TargetError{Field: "exclude_modules", Name: name, Near: names.Near(name, b.modules, 5)}
		}
	}
	return nil
}

var firstIndex = regexp.MustCompile(`^.*?\.[^.]*\.(\d+)\.`)

// wants is HF PEFT's check_target_module_exists, for either path of a site.
func (b *Blueprint) wants(s Selector, targets Targets, site Site) (bool, error) {
	if out, err := s.Exclude.mean(site); err != nil || out {
		return false, wrapField("exclude_modules", err)
	}
	if b.isSaved(site.Path) {
		return false, nil
	}
	ok, err := targets.mean(site)
	if err != nil || !ok {
		return false, wrapField("target_modules", err)
	}
	layers, limited := s.LayersToTransform.Values()
	if !limited || len(layers) == 0 || targets.IsPattern() ||
		slices.Contains(targets.names, site.Path) || slices.Contains(targets.names, site.Alias) {
		return true, nil
	}
	index, err := layerIndex(site.Path, s.LayersPattern.Values())
	if index < 0 && err == nil {
		index, err = layerIndex(site.Alias, s.LayersPattern.Values())
	}
	return slices.Contains(layers, index), wrapField("layers_pattern", err)
}

// layerIndex finds the block's index in a path: after any name, or after one of the patterns. It is -1 where none is.
func layerIndex(path string, patterns []string) (int, error) {
	var digits string
	if len(patterns) == 0 {
		if m := firstIndex.FindStringSubmatch(path); m != nil {
			digits = m[1]
		}
	}
	for _, p := range patterns {
		re, err := compilePattern(`\A.*?\.`, p, `\.(\d+)\.`)
		if err != nil {
			return -1, err
		}
		m, err := re.FindStringMatch(path)
		if err != nil {
			return -1, err
		}
		if m != nil {
			groups := m.Groups()
			digits = groups[len(groups)-1].String()
			break
		}
	}
	if digits == "" {
		return -1, nil
	}
	return strconv.Atoi(digits)
}

func wrapField(name string, err error) error {
	if err == nil {
		return nil
	}
	return Fieldf(name, "%v", err)
}

func (b *Blueprint) modulePaths() []string {
	var out []string
	for _, s := range b.Sites {
		if b.isModule(s) {
			out = append(out, s.Path)
		}
	}
	return out
}

// moduleNames gives the distinct last parts of the modules' paths, in order.
func (b *Blueprint) moduleNames() []string {
	return shortNames(b.modulePaths())
}

// shortNames gives the distinct last parts of paths, in order.
func shortNames(paths []string) []string {
	var out []string
	for _, path := range paths {
		if _, short := names.CutLast(path); !slices.Contains(out, short) {
			out = append(out, short)
		}
	}
	return out
}
