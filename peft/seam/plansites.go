package seam

// PlanSites makes the plan of a method that keeps the same kind of values at every site it acts on: it selects the sites and
// asks params for the values of each, whose Site it sets. Errors are those of Select.
func (b *Blueprint) PlanSites(s Selector, params func(Site) []Param) (*Plan, error) {
	sites, targets, err := b.Select(s)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Sites: paths(sites), Targets: targets}
	for _, site := range sites {
		for _, p := range params(site) {
			p.Site = site.Path
			plan.Params = append(plan.Params, p)
		}
	}
	return plan, nil
}
