package seam

// PlanSites makes the plan of a method that keeps values of its own at every site it acts on: it selects the sites, asks params
// for the values of each, whose Site it sets, and adds the biases that Selector.Bias names. Errors are those of Select, of
// BiasParams and of params, to which ErrConfig belongs where a site doesn't suit the settings; see Sitef.
func (b *Blueprint) PlanSites(s Selector, params func(Site) ([]Param, error)) (*Plan, error) {
	sites, targets, err := b.Select(s)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Sites: paths(sites), Targets: targets}
	for _, site := range sites {
		own, err := params(site)
		if err != nil {
			return nil, err
		}
		for _, p := range own {
			p.Site = site.Path
			plan.Params = append(plan.Params, p)
		}
	}
	if s.Bias == "" {
		return plan, nil
	}
	biases, err := b.BiasParams(s.Bias, sites)
	plan.Params = append(plan.Params, biases...)
	return plan, err
}
