package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gopeft/gopeft/models/predict"
)

// Limits of a connection and of the end.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second // of a whole request
	writeTimeout  = 5 * time.Minute  // from the request's header to the answer's end
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 25 * time.Second // for the requests that run at the end
	maxHeader     = 64 << 10         // bytes
)

// server answers requests with a library.
type server struct {
	library *library
	batcher *batcher
	metrics *metrics
	log     *slog.Logger
	gate    gate
}

func newServer(l *library, log *slog.Logger) *server {
	s := &server{library: l, metrics: newMetrics(), log: log}
	s.batcher = newBatcher(func(ctx context.Context, adapters, texts []string) ([]predict.Prediction, error) {
		return l.current.Load().predict(ctx, adapters, texts)
	}, s.metrics.batch)
	return s
}

// handler is what answers.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/predict", only(http.MethodPost, s.counted(s.predict)))
	mux.Handle("/v1/adapters", only(http.MethodGet, s.adapters))
	mux.Handle("/v1/adapters/{name}", only(http.MethodPut, s.reload))
	mux.Handle("/healthz", only(http.MethodGet, s.health))
	mux.Handle("/metrics", only(http.MethodGet, s.expose))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, fmt.Errorf("there is no %s: see /v1/predict, /v1/adapters, /healthz, /metrics", r.URL.Path))
	})
	return mux
}

// serve answers on a listener until the context ends, and then until the requests that run are done: meanwhile it refuses
// others. It closes the listener and ends the batcher.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	h := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.log.Info("stopping", "waiting", len(s.batcher.queue))
	}
	emptied := make(chan struct{})
	go func() { s.gate.close(); close(emptied) }()
	limit, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	select {
	case <-emptied:
		err = errors.Join(err, h.Shutdown(limit))
	case <-limit.Done():
		err = errors.Join(err, fmt.Errorf("requests still ran %v after the signal to end", stopTimeout), h.Close())
		<-emptied // their contexts have ended with their connections
	}
	s.batcher.stop()
	s.log.Info("stopped")
	return err
}

// gate counts the requests that run, and once it is closed lets no more in. The zero value is open.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

// enter reports whether a request may run, which then ends with leave.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inside.Add(1)
	}
	return !g.closed
}

func (g *gate) leave() { g.inside.Done() }

// isClosed reports whether close was called.
func (g *gate) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// close lets nothing more in, and waits until nothing is inside.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}
