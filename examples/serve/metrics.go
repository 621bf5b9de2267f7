package main

import (
	"io"
	"time"
)

// metrics are the server's counts. Its methods may be called by many goroutines.
type metrics struct {
	requests, rows, reloads *family
	seconds, batches        *family
	inFlight, waiting       *family
}

func newMetrics() *metrics {
	return &metrics{
		requests: newFamily("gopeft_requests_total", "Requests for predictions, by status code and adapter.", counter, "code", "adapter"),
		seconds: newHistogram("gopeft_request_duration_seconds", "Time from a request to its answer.",
			0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
		inFlight: newFamily("gopeft_requests_in_flight", "Requests for predictions that are being answered.", gauge),
		waiting:  newFamily("gopeft_queue_length", "Requests that wait for a batch.", gauge),
		batches:  newHistogram("gopeft_batch_rows", "Texts of a batch.", 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
		rows:     newFamily("gopeft_rows_total", "Texts classified, by adapter.", counter, "adapter"),
		reloads:  newFamily("gopeft_reloads_total", "Adapters that were put in place or refused.", counter, "result"),
	}
}

func (m *metrics) request(code, adapter string, took time.Duration) {
	m.requests.add(1, code, adapter)
	m.seconds.observe(took.Seconds())
}

func (m *metrics) running(change float64) { m.inFlight.add(change) }

func (m *metrics) queue(n int) { m.waiting.set(float64(n)) }

func (m *metrics) reload(result string) { m.reloads.add(1, result) }

func (m *metrics) batch(adapters []string) {
	m.batches.observe(float64(len(adapters)))
	for _, name := range adapters {
		m.rows.add(1, name)
	}
}

// write writes everything in Prometheus' text format.
func (m *metrics) write(w io.Writer) error {
	for _, f := range []*family{m.requests, m.seconds, m.inFlight, m.waiting, m.batches, m.rows, m.reloads} {
		if err := f.write(w); err != nil {
			return err
		}
	}
	return nil
}
