package diffpruning

import "github.com/gopeft/gopeft/peft/seam"

// Gate and Open are the arithmetic of gates, for the test of their distribution.
func Gate(alpha, u *seam.Node, lower, upper float64) *seam.Node { return gate(alpha, u, lower, upper) }
func Open(alpha *seam.Node, lower, upper float64) *seam.Node    { return open(alpha, lower, upper) }
