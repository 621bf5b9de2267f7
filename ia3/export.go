package ia3

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Export implements seam.Exporter: the config names the feed-forward modules, and how the targets' weights are kept.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not the config of (IA)^3", seam.ErrConfig, cfg)
	}
	if forward := m.c.feedForward(in.Info.ModelType); !forward.IsPattern() {
		c.FeedForward = spelledOut(forward.Names(), in)
	}
	for _, s := range in.Sites { // HF PEFT goes through them in this order; where they differ, the last one tells
		if s.Kind == seam.Linear {
			c.FanInFanOut = s.FanInFanOut
		}
	}
	return c, in.Values, nil
}

// spelledOut says which of the sites are feed-forward modules, in a form that HF PEFT opens: it refuses a list with a name that
// is none of the targets', as after "all-linear" was spelled out.
func spelledOut(names []string, in *seam.Export) seam.Targets {
	targets := in.Plan.Targets.Names()
	foreign := func(name string) bool { return !slices.Contains(targets, name) }
	if in.Plan.Targets.IsPattern() || !slices.ContainsFunc(names, foreign) {
		return seam.Match(names...)
	}
	var used []string
	for _, name := range names {
		if slices.ContainsFunc(in.Sites, func(s seam.Site) bool { return endsIn(name, s) }) {
			used = append(used, regexp.QuoteMeta(name))
		}
	}
	if len(used) == 0 {
		return seam.Match()
	}
	return seam.MatchRegexp(".*(" + strings.Join(used, "|") + ")")
}
