package predict

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Predictor answers questions about texts, images and sounds with a backbone and its adapters. Which adapters act is an
// argument of each call; a call sees the adapters as they are when it begins. It is safe for concurrent use.
type Predictor struct {
	adapted *peft.Adapted
	info    peft.Info
	options Options
	problem string // problem_type of the backbone's config: what its classes are to each other
	padID   int    // pad_token_id of the backbone's config, -1 for none

	tokenizer func() (tokenizer.Tokenizer, error)
	images    func() (*preprocess.ImageProcessor, error)
	sounds    func() (*preprocess.FeatureExtractor, error)
	sentence  func() (*sentence, error)
}

// New prepares to predict with a backbone and its adapters. Files of the backbone's folder are opened when they are first
// needed. Errors match ErrOption, or peft.ErrInput where there is nothing to predict with.
func New(a *peft.Adapted, o Options) (*Predictor, error) {
	if a == nil {
		return nil, seam.Inputf("adapted", "is nil")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	b := a.Backbone()
	if b == nil {
		return nil, seam.Inputf("adapted", "has no backbone")
	}
	p := &Predictor{adapted: a, info: b.Info(), options: o}
	var fields struct {
		Problem string `json:"problem_type"`
		Pad     *int   `json:"pad_token_id"`
	}
	if raw := b.Origin().Config; len(raw) > 0 {
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, modelf("its config: %v", err)
		}
	}
	p.problem, p.padID = fields.Problem, -1
	if fields.Pad != nil {
		p.padID = *fields.Pad
	}
	p.tokenizer = opener(o.Tokenizer, o.Tokenizer != nil, func() (tokenizer.Tokenizer, error) { return models.Tokenizer(b) })
	p.images = opener(o.ImageProcessor, o.ImageProcessor != nil, func() (*preprocess.ImageProcessor, error) { return models.ImageProcessor(b) })
	p.sounds = opener(o.FeatureExtractor, o.FeatureExtractor != nil, func() (*preprocess.FeatureExtractor, error) { return models.FeatureExtractor(b) })
	p.sentence = sync.OnceValues(func() (*sentence, error) { return readSentence(b.Origin().Dir) })
	return p, nil
}

// opener gives what was given, else opens the folder's once.
func opener[T any](given T, ok bool, open func() (T, error)) func() (T, error) {
	if ok {
		return func() (T, error) { return given, nil }
	}
	return sync.OnceValues(func() (T, error) {
		v, err := open()
		if err != nil {
			return v, fmt.Errorf("%w: %w", ErrModel, err)
		}
		return v, nil
	})
}

// Options gives the options as they were given to New.
func (p *Predictor) Options() Options { return p.options }

// now gives the predictor with the adapters as they are, so that class names and values of one call belong together while
// another goroutine replaces them.
func (p *Predictor) now() *Predictor {
	if p == nil || p.adapted == nil {
		return p
	}
	own := *p
	own.adapted = p.adapted.Snapshot()
	return &own
}
