package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gopeft/gopeft/models/predict"
)

// How requests are gathered into batches.
const (
	maxRows  = 32                   // texts of a batch; one request may bring more
	window   = 3 * time.Millisecond // how long a batch waits for further requests
	maxQueue = 1024                 // requests that wait
)

// Why a request is not taken.
var (
	errBusy     = errors.New("too many requests wait: try again later")
	errStopping = errors.New("the server is about to end")
)

// predictor classifies texts, each with an adapter of its own.
type predictor func(ctx context.Context, adapters, texts []string) ([]predict.Prediction, error)

// job is a request that waits for its predictions.
type job struct {
	ctx     context.Context
	adapter string
	texts   []string
	done    chan struct{} // closed once predictions or err are set
	answer  []predict.Prediction
	err     error
}

// gone reports whether nobody waits for the job any more.
func (j *job) gone() bool { return j.ctx.Err() != nil }

// batcher runs the texts of many requests together.
type batcher struct {
	predict predictor
	ran     func(adapters []string) // is told of each batch, for the metrics
	queue   chan *job
	ended   chan struct{}
}

// newBatcher starts a batcher, which stop ends.
func newBatcher(p predictor, ran func(adapters []string)) *batcher {
	b := &batcher{predict: p, ran: ran, queue: make(chan *job, maxQueue), ended: make(chan struct{})}
	go b.work()
	return b
}

// stop waits for the jobs in the queue. No do may begin after it.
func (b *batcher) stop() {
	close(b.queue)
	<-b.ended
}

// do classifies texts in a batch with those of other calls. It returns as soon as the context ends; if the batch has not
// begun by then, it runs without these texts.
func (b *batcher) do(ctx context.Context, adapter string, texts []string) ([]predict.Prediction, error) {
	j := &job{ctx: ctx, adapter: adapter, texts: texts, done: make(chan struct{})}
	select {
	case b.queue <- j:
	default:
		return nil, errBusy
	}
	select {
	case <-j.done:
		return j.answer, j.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *batcher) work() {
	defer close(b.ended)
	for first := range b.queue {
		jobs := b.gather(first)
		b.run(slices.DeleteFunc(jobs, (*job).gone))
	}
}

// gather waits for further jobs until the batch is full or the window has passed.
func (b *batcher) gather(first *job) []*job {
	jobs, rows := []*job{first}, len(first.texts)
	timer := time.NewTimer(window)
	defer timer.Stop()
	for rows < maxRows {
		select {
		case j, ok := <-b.queue:
			if !ok {
				return jobs
			}
			jobs, rows = append(jobs, j), rows+len(j.texts)
		case <-timer.C:
			return jobs
		}
	}
	return jobs
}

// run answers jobs together or, where that fails, each by itself, so that an error is that of its own job.
func (b *batcher) run(jobs []*job) {
	if len(jobs) > 1 && b.together(jobs) == nil {
		return
	}
	for _, j := range jobs {
		if j.gone() {
			continue
		}
		if err := b.together([]*job{j}); err != nil {
			j.err = err
			close(j.done)
		}
	}
}

// together runs jobs as one batch and answers them. After an error none is answered. The batch is stopped when nobody waits
// for it any more.
func (b *batcher) together(jobs []*job) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var waiting atomic.Int64
	waiting.Store(int64(len(jobs)))
	var adapters, texts []string
	for _, j := range jobs {
		defer context.AfterFunc(j.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})()
		adapters = append(adapters, slices.Repeat([]string{j.adapter}, len(j.texts))...)
		texts = append(texts, j.texts...)
	}
	answers, err := b.predict(ctx, adapters, texts)
	if err != nil {
		return err
	}
	b.ran(adapters)
	for _, j := range jobs {
		n := len(j.texts)
		j.answer, answers = answers[:n:n], answers[n:]
		close(j.done)
	}
	return nil
}
