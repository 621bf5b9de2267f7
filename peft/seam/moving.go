package seam

import "github.com/gomlx/gomlx/core/graph"

// Moved gives the adapters' running statistics (Param.Moving) as the forward pass of a training step changed them, in the
// order in which peft.Adapted.Moving lists them.
func (c *Call) Moved() []*Node {
	var out []*Node
	for _, s := range c.slots {
		for i := range s.params {
			if !s.params[i].Moving {
				continue
			}
			if n := s.moved[i]; n != nil {
				out = append(out, n)
			} else {
				out = append(out, s.nodes[i])
			}
		}
	}
	return out
}

// Move lets one of the adapter's values at the site (Param.Moving) become v, of its shape, with this step of training. Outside
// of training, and where rows have adapters of their own, it does nothing.
func (at *At) Move(name string, v *Node) {
	i, ok := at.slot.index[paramID(at.Site.Path, name)]
	if !ok || !at.training || at.ByRow() {
		return
	}
	if at.slot.moved == nil {
		at.slot.moved = map[int]*Node{}
	}
	at.slot.moved[i] = graph.StopGradient(v)
}

// momentum is how far the running statistics go towards a batch's: torch's.
const momentum = 0.1

// move lets a value of a slot follow one of a batch.
func (s *slot) move(path string, batch *Node) {
	i := s.swaps[path]
	if s.moved == nil {
		s.moved = map[int]*Node{}
	}
	old := graph.MulScalar(s.nodes[i], 1-momentum)
	s.moved[i] = graph.StopGradient(graph.Add(old, graph.MulScalar(batch, momentum)))
}
