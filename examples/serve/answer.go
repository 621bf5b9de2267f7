package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"github.com/gopeft/gopeft/peft"
)

// statusGone stands in the metrics for a client that did not wait for its answer, as nginx has it. Nobody receives it.
const statusGone = 499

// answer writes a value as JSON.
func answer(w http.ResponseWriter, code int, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		code, raw = http.StatusInternalServerError, []byte(`{"error": "the answer can't be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(raw, '\n')) // a client that is gone needs nothing more
}

// fail writes an error.
func fail(w http.ResponseWriter, code int, err error) {
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	answer(w, code, map[string]string{"error": err.Error()})
}

// only refuses other methods.
func only(method string, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			fail(w, http.StatusMethodNotAllowed, errors.New(r.URL.Path+" takes "+method+", not "+r.Method))
			return
		}
		h(w, r)
	})
}

// status is the code for an error of the library or of reading a request.
func status(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, context.Canceled):
		return statusGone
	case errors.Is(err, errBusy), errors.Is(err, errStopping), errors.Is(err, peft.ErrClosed):
		return http.StatusServiceUnavailable
	case errors.Is(err, peft.ErrAdapter), errors.Is(err, errNoFolder):
		return http.StatusNotFound
	case errors.Is(err, errRequest), errors.Is(err, peft.ErrInput):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
