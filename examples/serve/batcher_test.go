package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/predict"
)

// held is a batcher whose batches wait until they are let go. Its prediction of a text is adapter:text, and "bad" is an error.
type held struct {
	*batcher
	began  chan []string        // the texts of a batch that begins
	ctx    chan context.Context // its context
	let    chan struct{}        // lets one batch go
	counts []int                // rows of the batches that were run
}

func hold(t *testing.T) *held {
	h := &held{began: make(chan []string), ctx: make(chan context.Context, 10), let: make(chan struct{})}
	h.batcher = newBatcher(func(ctx context.Context, adapters, texts []string) ([]predict.Prediction, error) {
		h.ctx <- ctx
		h.began <- texts
		<-h.let
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if slices.Contains(texts, "bad") {
			return nil, errors.New("bad text")
		}
		var out []predict.Prediction
		for i := range texts {
			out = append(out, predict.Prediction{Class: adapters[i] + ":" + texts[i]})
		}
		return out, nil
	}, func(adapters []string) { h.counts = append(h.counts, len(adapters)) })
	return h
}

// asked starts a call and waits until it is in the queue.
func (h *held) asked(t *testing.T, ctx context.Context, all *sync.WaitGroup, adapter string, texts []string, wantErr string) {
	t.Helper()
	n := len(h.queue)
	all.Go(func() {
		got, err := h.do(ctx, adapter, texts)
		if wantErr != "" {
			assert.ErrorContains(t, err, wantErr)
			return
		}
		assert.NoError(t, err)
		for i, p := range got {
			assert.Equal(t, adapter+":"+texts[i], p.Class)
		}
		assert.Len(t, got, len(texts))
	})
	require.Eventually(t, func() bool { return len(h.queue) > n }, 5*time.Second, time.Millisecond)
}

// busy starts a call whose batch runs, so that what follows waits.
func (h *held) busy(t *testing.T, all *sync.WaitGroup) {
	all.Go(func() {
		_, err := h.do(t.Context(), "first", []string{"x"})
		assert.NoError(t, err)
	})
	require.Equal(t, []string{"x"}, <-h.began)
}

// What waits while a batch runs is the next one, without those whose callers are gone.
func TestBatcherShares(t *testing.T) {
	h := hold(t)
	var all sync.WaitGroup
	h.busy(t, &all)
	gone, leave := context.WithCancel(t.Context())
	h.asked(t, t.Context(), &all, "a", []string{"1", "2"}, "")
	h.asked(t, gone, &all, "gone", []string{"3"}, "canceled")
	h.asked(t, t.Context(), &all, "b", []string{"4"}, "")
	leave()
	h.let <- struct{}{}
	require.Equal(t, []string{"1", "2", "4"}, <-h.began)
	h.let <- struct{}{}
	all.Wait()
	h.stop()
	require.Equal(t, []int{1, 3}, h.counts)
}

// A batch takes no further requests once it has enough texts.
func TestBatcherIsBounded(t *testing.T) {
	h := hold(t)
	var all sync.WaitGroup
	h.busy(t, &all)
	many := strings.Split(strings.Repeat("y", maxRows-1), "")
	h.asked(t, t.Context(), &all, "a", many, "")
	h.asked(t, t.Context(), &all, "b", []string{"1", "2"}, "")
	h.asked(t, t.Context(), &all, "c", []string{"3"}, "")
	h.let <- struct{}{}
	require.Len(t, <-h.began, maxRows+1)
	h.let <- struct{}{}
	require.Equal(t, []string{"3"}, <-h.began)
	h.let <- struct{}{}
	all.Wait()
	h.stop()
}

// One request's error is no other's.
func TestBatcherErrors(t *testing.T) {
	h := hold(t)
	var all sync.WaitGroup
	h.busy(t, &all)
	h.asked(t, t.Context(), &all, "a", []string{"1"}, "")
	h.asked(t, t.Context(), &all, "b", []string{"bad"}, "bad text")
	for _, want := range [][]string{{"1", "bad"}, {"1"}, {"bad"}} {
		h.let <- struct{}{}
		require.Equal(t, want, <-h.began)
	}
	h.let <- struct{}{}
	all.Wait()
	h.stop()
}

// A batch is stopped when all of its callers are gone, and not before.
func TestBatcherStopsForNobody(t *testing.T) {
	h := hold(t)
	var all sync.WaitGroup
	h.busy(t, &all)
	<-h.ctx
	var leave []func()
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		leave = append(leave, cancel)
		h.asked(t, ctx, &all, "a", []string{"1"}, "canceled")
	}
	h.let <- struct{}{}
	<-h.began
	ctx := <-h.ctx
	leave[0]()
	time.Sleep(10 * time.Millisecond)
	require.NoError(t, ctx.Err())
	leave[1]()
	<-ctx.Done()
	all.Wait() // nobody waits for the batch
	h.let <- struct{}{}
	h.stop() // none of them is run by itself
	require.Equal(t, []int{1}, h.counts)
}

// A full queue refuses, and stop waits for what is in it.
func TestBatcherQueue(t *testing.T) {
	h := hold(t)
	var all sync.WaitGroup
	h.busy(t, &all)
	for range maxQueue {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		h.queue <- &job{ctx: ctx, texts: []string{"z"}, done: make(chan struct{})}
	}
	_, err := h.do(t.Context(), "a", []string{"1"})
	require.ErrorIs(t, err, errBusy)
	h.let <- struct{}{}
	all.Wait()
	h.stop()
	require.Empty(t, h.queue)
}
