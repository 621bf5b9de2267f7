package generate

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Generator writes text with a backbone and its adapters. It is safe for concurrent use.
type Generator struct {
	adapted   *peft.Adapted
	settings  settings
	tokenizer func() (tokenizer.Tokenizer, error)
}

// New prepares to write text as options and the backbone's folder say. Errors match ErrOption, ErrModel or
// peft.ErrUnsupported.
func New(a *peft.Adapted, o Options) (*Generator, error) {
	info := a.Backbone().Info()
	if info.Task != causalLM {
		return nil, fmt.Errorf("%w: %s has the task %q, want %q", ErrModel, info.ModelType, info.Task, causalLM)
	}
	s, err := resolve(a.Backbone(), o)
	if err != nil {
		return nil, err
	}
	return &Generator{adapted: a, settings: s, tokenizer: sync.OnceValues(func() (tokenizer.Tokenizer, error) {
		dir := a.Backbone().Origin().Dir
		if dir == "" {
			return nil, fmt.Errorf("%w: it came from no folder, so it has no tokenizer", ErrModel)
		}
		return tokenizer.Load(dir)
	})}, nil
}

// causalLM is the task of a backbone that writes text.
const causalLM = "causal-lm"

// Options gives the options with the folder's values.
func (g *Generator) Options() Options { return g.settings.Options }

// Generate writes text behind prompts, with the selected adapters. Errors match ErrPrompt, ErrOption or those of a
// forward pass.
func (g *Generator) Generate(ctx context.Context, sel peft.Selection, prompts Batch) (*Result, error) {
	return g.GenerateEach(ctx, sel, prompts, nil)
}

// GenerateEach is Generate that calls each at every step with the next token of every row, the pad token for those that
// have ended. An error of it ends the writing. Beam search has no tokens before its end, so each must be nil there.
func (g *Generator) GenerateEach(ctx context.Context, sel peft.Selection, prompts Batch, each func([]int32) error) (*Result, error) {
	w, err := g.writer(sel, prompts)
	if err != nil {
		return nil, err
	}
	defer w.close()
	switch {
	case w.Beams > 1 && each != nil:
		return nil, w.unstreamed()
	case w.Beams > 1:
		return w.beamSearch(ctx)
	}
	for tokens, err := range w.tokens(ctx) {
		if err == nil && each != nil {
			err = each(tokens)
		}
		if err != nil {
			return nil, err
		}
	}
	out := &Result{Start: w.rows[0].start}
	for _, row := range w.rows {
		out.Sequences = append(out.Sequences, row.ids)
	}
	return out, nil
}

// Tokens writes text step by step: each value has the next token of every row, the pad token for those that have ended.
// An error ends it. Beam search has no tokens before its end, so it is an error here.
func (g *Generator) Tokens(ctx context.Context, sel peft.Selection, prompts Batch) iter.Seq2[[]int32, error] {
	return func(yield func([]int32, error) bool) {
		w, err := g.writer(sel, prompts)
		if err == nil && w.Beams > 1 {
			err = w.unstreamed()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer w.close()
		for tokens, err := range w.tokens(ctx) {
			if !yield(tokens, err) {
				return
			}
		}
	}
}

func (w *writer) unstreamed() error {
	return optionf("num_beams", "of %d can't be streamed: the best row is known at the end only", w.Beams)
}

// writer is the writing of one batch.
type writer struct {
	settings
	decoder
	rows      []history
	mask      [][]int32
	vocab     int
	positions int
	ends      func(row history) bool
}

// writer checks a batch and prepares it.
func (g *Generator) writer(sel peft.Selection, prompts Batch) (*writer, error) {
	info := g.adapted.Backbone().Info()
	w := &writer{settings: g.settings, vocab: info.Vocab, positions: info.MaxPositions}
	b, err := prompts.aligned(info.Vocab, w.Pad, true)
	if err != nil {
		return nil, err
	}
	virtual, err := g.adapted.VirtualTokens(sel)
	if err != nil {
		return nil, err
	}
	length := len(b.IDs[0])
	if err := w.fits(length, virtual, info.MaxPositions, false); err != nil {
		return nil, err
	}
	w.positions -= virtual
	if _, ok := w.pad(); !ok && len(w.Stop) > 0 && len(b.IDs) > 1 {
		return nil, optionf("pad_token_id", "is needed: rows end at stop strings at different lengths")
	}
	if w.ends, err = g.ends(&w.settings); err != nil {
		return nil, err
	}
	n := max(w.Beams, 1)
	w.decoder = decoder{adapted: g.adapted, sel: sel.RepeatRows(n)}
	for i, row := range repeated(b.IDs, n) {
		mask := b.Mask[i/n]
		w.rows = append(w.rows, history{ids: slices.Clone(row), start: length, skip: slices.Index(mask, 1)})
		w.mask = append(w.mask, mask)
	}
	return w, nil
}

// ends says whether a row is complete, its length aside.
func (g *Generator) ends(s *settings) (func(history) bool, error) {
	eos := func(row history) bool { return slices.Contains(s.EOS, row.ids[len(row.ids)-1]) }
	if len(s.Stop) == 0 {
		return eos, nil
	}
	tok, err := g.tokenizer()
	if err != nil {
		return nil, err
	}
	return func(row history) bool { return eos(row) || stopped(tok, row.ids[row.start:], s.Stop) }, nil
}

// read runs the prompts and gives the scores of the first new tokens.
func (w *writer) read(ctx context.Context) ([][]float32, error) {
	b := Batch{Mask: w.mask}
	for _, row := range w.rows {
		b.IDs = append(b.IDs, row.ids)
	}
	return w.first(ctx, b, w.maxLength-1, w.positions)
}
