package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gopeft/gopeft/models/predict"
)

// prediction is what one text gets.
type prediction struct {
	Label  string             `json:"label"`
	Scores map[string]float64 `json:"scores"` // the probability of each class
}

// counted counts and times a handler's answers.
func (s *server) counted(handle func(w http.ResponseWriter, r *http.Request) (adapter string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		s.metrics.running(1)
		defer s.metrics.running(-1)
		adapter, err := handle(w, r)
		code := http.StatusOK
		if err != nil {
			code = status(err)
			if code >= http.StatusInternalServerError && code != http.StatusServiceUnavailable {
				s.log.Error("request failed", "path", r.URL.Path, "adapter", adapter, "error", err)
			}
			fail(w, code, err)
		}
		s.metrics.request(strconv.Itoa(code), adapter, time.Since(began))
	}
}

// predict is POST /v1/predict. It gives the adapter for the metrics, "" for one that there is not: clients can't make up
// labels.
func (s *server) predict(w http.ResponseWriter, r *http.Request) (string, error) {
	if !s.gate.enter() {
		return "", errStopping
	}
	defer s.gate.leave()
	q, err := readRequest(w, r)
	if err != nil {
		return "", err
	}
	if err := s.library.current.Load().check(q.adapter); err != nil {
		return "", err
	}
	got, err := s.batcher.do(r.Context(), q.adapter, q.texts)
	if err != nil {
		return q.adapter, err
	}
	answer(w, http.StatusOK, map[string][]prediction{"predictions": shown(got)})
	return q.adapter, nil
}

// shown makes predictions ready for JSON.
func shown(list []predict.Prediction) []prediction {
	out := make([]prediction, len(list))
	for i, p := range list {
		out[i] = prediction{Label: p.Class, Scores: map[string]float64{}}
		for _, score := range p.Scores {
			out[i].Scores[score.Class] = score.Probability
		}
	}
	return out
}

// about is what is told of an adapter.
type about struct {
	Name     string   `json:"name"`
	Classes  []string `json:"classes"`
	PeftType string   `json:"peft_type"`
}

// about describes an adapter of the shelf.
func (s *shelf) about(name string) (about, error) {
	ad, err := s.adapted.Adapter(name)
	if err != nil {
		return about{}, err
	}
	return about{Name: name, Classes: ad.Info().Classes, PeftType: ad.Config().PEFTType()}, nil
}

// adapters is GET /v1/adapters.
func (s *server) adapters(w http.ResponseWriter, _ *http.Request) {
	now := s.library.current.Load()
	list := []about{}
	for _, name := range now.adapted.Names() {
		one, err := now.about(name)
		if err != nil {
			fail(w, status(err), err)
			return
		}
		list = append(list, one)
	}
	answer(w, http.StatusOK, map[string][]about{"adapters": list})
}

// reload is PUT /v1/adapters/NAME.
func (s *server) reload(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !s.gate.enter() {
		fail(w, http.StatusServiceUnavailable, errStopping)
		return
	}
	defer s.gate.leave()
	err := s.library.reload(name)
	switch {
	case errors.Is(err, errNoFolder):
		fail(w, http.StatusNotFound, err)
	case err != nil:
		s.metrics.reload("refused")
		s.log.Warn("adapter refused", "adapter", name, "error", err)
		fail(w, http.StatusUnprocessableEntity, err)
	default:
		s.metrics.reload("ok")
		s.log.Info("adapter loaded", "adapter", name)
		one, err := s.library.current.Load().about(name)
		if err != nil {
			fail(w, status(err), err)
			return
		}
		answer(w, http.StatusOK, one)
	}
}

// health is GET /healthz.
func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	if s.gate.isClosed() {
		fail(w, http.StatusServiceUnavailable, errStopping)
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// expose is GET /metrics.
func (s *server) expose(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.queue(len(s.batcher.queue))
	_ = s.metrics.write(w) // a client that is gone needs nothing more
}
