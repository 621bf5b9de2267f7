package peft

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/peft/seam"
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
	for _, s := range a.backbone.net.Sites() {
		if !s.Running {
			continue
		}
		found = true
		for _, name := range []string{seam.RunningMean, seam.RunningVar} {
			i := slices.IndexFunc(a.plan.Params, func(p seam.Param) bool { return p.Site == s.Path && p.Name == name })
			if i < 0 && (moving || ofFile) {
				i = len(a.plan.Params)
				path := s.Path + "." + name
				a.plan.Params = append(a.plan.Params, seam.Param{Site: s.Path, Name: name, Shape: []int{s.Out}, Replaces: path, InPlace: true})
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
		module, name := names.CutLast(path)
		return a.backbone.net.IsStatistic(path) && name != seam.BatchesTracked && !a.plan.Holds(module, name)
	})
}

// Moving lists the values that follow the forward passes of training under a selection, in the order that Run and
// Call.Moved have them.
func (a *Adapted) Moving(sel Selection) ([]TrainableParam, error) {
	return a.listed(sel, func(p *seam.Param) bool { return p.Moving })
}
