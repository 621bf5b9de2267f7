package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// config is what tokenizer_config.json and special_tokens_map.json say. Either may be absent.
type config struct {
	tokens    map[string]string // by "pad_token" and so on
	added     []addedToken      // in the order of their ids
	maxLength int
	object    object // tokenizer_config.json itself
}

func readConfig(dir string) (config, error) {
	c := config{tokens: map[string]string{}}
	for _, name := range []string{"special_tokens_map.json", "tokenizer_config.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return c, fmt.Errorf("tokenizer: %w", err)
		}
		o, err := parseObject(name, data)
		if err != nil {
			return c, fmt.Errorf("tokenizer in %s: %w", dir, err)
		}
		if err := c.read(o); err != nil {
			return c, fmt.Errorf("tokenizer in %s: %w", dir, err)
		}
	}
	return c, nil
}

// read takes over what o says; later files win.
func (c *config) read(o object) error {
	c.object = o
	for _, r := range roles() {
		if !o.has(r.key) {
			continue
		}
		// a token is a string, or an object with its content
		var text string
		var object struct{ Content *string }
		switch raw := o.fields[r.key]; {
		case json.Unmarshal(raw, &text) == nil:
			c.tokens[r.key] = text
		case json.Unmarshal(raw, &object) == nil && object.Content != nil:
			c.tokens[r.key] = *object.Content
		default:
			return &FieldError{o.at(r.key), fmt.Errorf("%w: want a token", ErrFormat)}
		}
	}
	// transformers writes 1e30 for "no limit"
	limit, err := fieldOr(o, "model_max_length", 0.0)
	if err != nil {
		return err
	}
	if limit > 0 && limit <= math.MaxInt32 {
		c.maxLength = int(limit)
	}
	return c.readAdded(o)
}

// readAdded reads added_tokens_decoder, an object of ids and tokens.
func (c *config) readAdded(file object) error {
	if !file.has("added_tokens_decoder") {
		return nil
	}
	list, err := parseObject(file.at("added_tokens_decoder"), file.fields["added_tokens_decoder"])
	if err != nil {
		return err
	}
	ids := make([]int, 0, len(list.fields))
	for key := range list.fields {
		id, err := strconv.ParseInt(key, 10, 32)
		if err != nil || id < 0 {
			return &FieldError{list.at(key), fmt.Errorf("%w: not an id", ErrFormat)}
		}
		ids = append(ids, int(id))
	}
	c.added = c.added[:0]
	slices.Sort(ids)
	for _, id := range ids {
		key := strconv.Itoa(id)
		o, err := parseObject(list.at(key), list.fields[key])
		if err != nil {
			return err
		}
		t, err := parseAddedToken(o, int32(id))
		if err != nil {
			return err
		}
		c.added = append(c.added, t)
	}
	return nil
}

// apply gives the engine its special tokens and maximum length.
func (c *config) apply(e *engine) error {
	for _, r := range roles() {
		name, ok := c.tokens[r.key]
		if !ok {
			continue
		}
		id, ok := e.TokenToID(name)
		if !ok {
			return &FieldError{r.key, fmt.Errorf("%w: %q is not in the vocabulary", ErrFormat, name)}
		}
		*r.id(&e.special) = id
	}
	e.maxLength = c.maxLength
	return nil
}
