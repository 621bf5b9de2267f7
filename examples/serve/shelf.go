package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// shelf is the adapters at one moment. It never changes, so the classes and the values that a batch sees belong together.
type shelf struct {
	adapted   *peft.Adapted
	predictor *predict.Predictor
	mixed     []string // the adapters that share batches; others act on whole batches only
}

func newShelf(a *peft.Adapted, tok tokenizer.Tokenizer) (*shelf, error) {
	p, err := predict.New(a, predict.Options{Tokenizer: tok, BatchSize: maxRows})
	if err != nil {
		return nil, err
	}
	s := &shelf{adapted: a, predictor: p}
	for _, name := range a.Names() {
		ad, err := a.Adapter(name)
		if err != nil {
			return nil, err
		}
		if ad.Mixes() {
			s.mixed = append(s.mixed, name)
		}
	}
	return s, nil
}

// check refuses an adapter that there is not, and the bare backbone ("") where its head is random.
func (s *shelf) check(name string) error {
	if name != "" {
		_, err := s.adapted.Adapter(name)
		return err
	}
	if drawn := s.adapted.Backbone().Origin().Drawn; len(drawn) > 0 {
		return fmt.Errorf("%w: the backbone has no classifier of its own: \"adapter\" must name one of %s",
			peft.ErrInput, strings.Join(s.adapted.Names(), ", "))
	}
	return nil
}

// predict classifies texts, each with the adapter of its name, or "" for none. Those that mix run together, by a selection
// among all of these, so that every mixture runs the same compiled programs.
func (s *shelf) predict(ctx context.Context, adapters, texts []string) ([]predict.Prediction, error) {
	groups := map[string][]int{} // "" is the mixed one
	for i, name := range adapters {
		if slices.Contains(s.mixed, name) {
			name = ""
		}
		groups[name] = append(groups[name], i)
	}
	out := make([]predict.Prediction, len(texts))
	for name, rows := range groups {
		sel := peft.Use(name)
		if name == "" {
			sel = peft.Rows(pick(adapters, rows)...).Among(s.mixed...)
		}
		got, err := s.predictor.Classes(ctx, sel, predict.Texts(pick(texts, rows)))
		if err != nil {
			return nil, err
		}
		for k, i := range rows {
			out[i] = got[k]
		}
	}
	return out, nil
}

// pick gives the entries of a list at these places.
func pick(list []string, at []int) []string {
	out := make([]string, len(at))
	for k, i := range at {
		out[k] = list[i]
	}
	return out
}
