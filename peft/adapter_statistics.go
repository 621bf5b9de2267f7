package peft

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/peft/seam"
)

// TrainStatistics lets the batch norms of a convolutional model follow training, as torch's do in training mode: each
// batch is normalised by its own statistics, and the running ones, which serve at all other times, move towards
// these. The running statistics become the adapter's own and are saved with it, under the names that HF PEFT has for
// them in the model. Without it batch norms use the running statistics that there are, in training too. A batch needs
// more than one value a channel. On a model without batch norms it matches [ErrUnsupported].
func TrainStatistics() Option { return func(o *options) { o.statistics = true } }

// ownStatistics makes the batch norms' running statistics values of the adapter, where they are to follow training
// (moving) or its file, whose keys are given, has them.
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

// holdsStatistics reports whether a file has running statistics other than those of modules that are saved whole.
func (a *Adapter) holdsStatistics(keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		path := strings.TrimPrefix(a.backbone.withoutAlias(key), "base_model.model.")
		module, name := names.CutLast(path)
		return a.backbone.net.IsStatistic(path) && name != seam.BatchesTracked && !a.plan.Holds(module, name)
	})
}

// Moving lists the values of the selected adapters that training changes without a gradient: running statistics, see
// [TrainStatistics]. [Adapted.Run] and [Adapter.Publish] have values in this order, behind those of
// [Adapted.Trainable]. It is empty for most adapters.
func (a *Adapted) Moving(sel Selection) ([]TrainableParam, error) {
	return a.listed(sel, func(p *seam.Param) bool { return p.Moving })
}
