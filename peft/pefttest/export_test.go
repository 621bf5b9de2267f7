package pefttest

// GradientError is for the tests of how exact the finite differences are.
var GradientError = caseGradientError

// Laws gives each law's rule by its name.
func Laws() map[string]string {
	out := map[string]string{}
	for _, l := range laws() {
		out[l.name] = l.rule
	}
	return out
}
