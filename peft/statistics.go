package peft

import (
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// TrainStatistics lets batch norms follow training, as torch's do in training mode: they normalise each batch by its own
// statistics, and their running ones, by which they normalise at all other times, move towards those. The running
// statistics are then the adapter's own; its file has them under the backbone's names, where HF PEFT puts them in place.
// Without it batch norms normalise by the running statistics that the backbone or the adapter's file has, in training
// too. A batch needs more than one value a channel.
func TrainStatistics() Option { return func(o *options) { o.statistics = true } }

// ownStatistics plans the batch norms' running statistics as the adapter's: moving ones, or those that its file holds.
func (a *Adapter) ownStatistics(moving bool, file []string) error {
	found, ofFile := false, a.holdsStatistics(file)
	for _, s := range a.backbone.list {
		if !s.Running {
			continue
		}
		found = true
		for _, name := range []string{RunningMean, RunningVar} {
			i := slices.IndexFunc(a.plan.Params, func(p Param) bool { return p.Site == s.Path && p.Name == name })
			if i < 0 && (moving || ofFile) {
				i = len(a.plan.Params)
				path := s.Path + "." + name
				a.plan.Params = append(a.plan.Params, Param{Site: s.Path, Name: name, Shape: []int{s.Out}, Replaces: path, InPlace: true})
			}
			if i >= 0 {
				a.plan.Params[i].Moving, a.plan.Params[i].Frozen = moving, !moving
			}
		}
	}
	if moving && !found {
		return &UnsupportedError{Option: "TrainStatistics of a backbone without batch norms"}
	}
	a.key = slotKey(a, a.plan.Params, a.plan.Sites, 0)
	return nil
}

// holdsStatistics reports whether a file's keys have running statistics among them, beside those of modules to save.
func (a *Adapter) holdsStatistics(keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		path := strings.TrimPrefix(a.backbone.withoutAlias(key), "base_model.model.")
		module, name := cutLast(path)
		return a.backbone.isStatistic(path) && name != BatchesTracked && !a.holds(module, name)
	})
}

// isStatistic reports whether a frozen value is a batch norm's running statistic or its count, no parameter.
func (b *Backbone) isStatistic(path string) bool {
	module, name := cutLast(path)
	return b.sites[module].Running && isStatistic(name)
}

func isStatistic(name string) bool {
	return name == RunningMean || name == RunningVar || name == BatchesTracked
}

// cutLast parts a path from its last name.
func cutLast(path string) (module, name string) {
	i := strings.LastIndex(path, ".")
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// Moving lists the values that follow the forward passes of training under a selection, in the order that Run and
// Call.Moved have them.
func (a *Adapted) Moving(sel Selection) ([]TrainableParam, error) {
	return a.listed(sel, func(p *Param) bool { return p.Moving })
}

// Moved gives the values that follow training as the forward pass left them, slot by slot in their plans' order.
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
