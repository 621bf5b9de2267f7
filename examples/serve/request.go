package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Limits of a request.
const (
	maxBody  = 1 << 20 // bytes
	maxTexts = 1024
)

// errRequest: the body is not what is asked for.
var errRequest = errors.New("bad request")

// request is the body of POST /v1/predict.
type request struct {
	adapter string
	texts   []string
}

// readRequest reads a body.
func readRequest(w http.ResponseWriter, r *http.Request) (request, error) {
	var q request
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return q, err
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil || body == nil {
		return q, badf(`the body must be a JSON object {"adapter": "name", "texts": ["…"]}%s`, because(err))
	}
	for key, value := range body {
		switch key {
		case "adapter":
			err = json.Unmarshal(value, &q.adapter)
		case "texts":
			err = json.Unmarshal(value, &q.texts)
		default:
			return q, badf("unknown key %q: there are adapter and texts", key)
		}
		if err != nil {
			return q, badf("%q has the wrong type%s", key, because(err))
		}
	}
	return q, q.check()
}

// check looks at the texts, so that what is wrong with them is not found out in a batch with those of others.
func (q *request) check() error {
	switch n := len(q.texts); {
	case n == 0:
		return badf(`"texts" are missing: there is nothing to classify`)
	case n > maxTexts:
		return badf(`"texts" are %d, more than the %d of a request`, n, maxTexts)
	}
	for i, text := range q.texts {
		if strings.TrimSpace(text) == "" {
			return badf("texts[%d] is empty or white space", i)
		}
	}
	return nil
}

func badf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errRequest}, args...)...)
}

// because adds the reason that there is.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + strings.TrimPrefix(err.Error(), "json: ")
}
