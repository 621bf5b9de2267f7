package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// loader is a source of batches that knows its examples.
type loader struct {
	*data.Loader
	examples []data.Example
}

// loader batches examples for the task, in a new order each epoch where they are to be shuffled. Errors name the
// example that does not fit.
func (t *Trainer) loader(examples []data.Example, shuffle bool) (data.Source, error) {
	task, err := t.task()
	if err != nil {
		return nil, err
	}
	b := t.adapted.Backbone()
	tok := t.opts.Tokenizer
	if tok == nil {
		if tok, err = tokenizer.Load(b.Origin().Dir); err != nil {
			return nil, fmt.Errorf("the backbone's tokenizer: %w", err)
		}
	}
	length, room := t.opts.MaxLength, t.room()
	if length > room {
		return nil, optionf("MaxLength", "%d is more than the backbone has positions for (%d)", length, room)
	}
	if length == 0 {
		length = room
		if n := tok.MaxLength(); n > 0 { // what tokenizer_config.json says
			length = min(n, room)
		}
	}
	if special := specialTokens(tok, examples); length > 0 && length <= special {
		return nil, optionf("MaxLength", "%d leaves no room for text: the tokenizer adds %d special tokens", length, special)
	}
	o := data.Options{
		Encoder:   data.Encoder{Tokenizer: tok, MaxLength: length, NoTypeIDs: !b.Info().TokenTypes},
		BatchSize: t.opts.BatchSize, Shuffle: shuffle, Seed: t.opts.Seed,
	}
	if err := task.Loader(&o); err != nil {
		return nil, err
	}
	l, err := data.NewLoader(examples, o)
	if errors.Is(err, data.ErrLabel) && o.Target == data.Regression && t.opts.Task == nil {
		return nil, fmt.Errorf("%w (the head has one output and predicts a number: for classes, load the backbone with the "+
			"names of two or more)", err)
	}
	if err != nil {
		return nil, err
	}
	return loader{l, examples}, nil
}

// Source makes batches of examples for a model without a Trainer, as Fit makes them with these options: for peft.Calibrate,
// which needs them before there is an adapter. The task is that of the options or of the model's head.
func Source(b *peft.Backbone, opts Options, examples []data.Example) (data.Source, error) {
	a := peft.New(b)
	if a.Backbone() == nil {
		return nil, &peft.InputError{Name: "backbone", Reason: "is nil"}
	}
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	if opts.Task == nil {
		task, err := TaskFor(b.Info())
		if err != nil && opts.Loss == nil {
			return nil, err
		} else if err != nil {
			task = Unlabelled()
		}
		opts.Task = task
	}
	return (&Trainer{adapted: a, opts: opts}).loader(examples, true)
}

// specialTokens counts what a tokenizer puts around an empty text, or a pair where examples have pairs.
func specialTokens(tok tokenizer.Tokenizer, examples []data.Example) int {
	encode := func(o *tokenizer.Options) (*tokenizer.Encoding, error) { return tok.Encode("", o) }
	if slices.ContainsFunc(examples, func(ex data.Example) bool { return ex.Pair != "" }) {
		encode = func(o *tokenizer.Options) (*tokenizer.Encoding, error) { return tok.EncodePair("", "", o) }
	}
	enc, err := encode(&tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
	if err != nil { // what is wrong with it is said of the first example
		return 0
	}
	return enc.Len()
}

// room counts the positions that an adapter's prompt leaves.
func (t *Trainer) room() int {
	n := t.adapted.Backbone().Info().MaxPositions
	if ad, err := t.adapted.Adapter(t.name); err == nil {
		n -= ad.VirtualTokens()
	}
	return n
}
