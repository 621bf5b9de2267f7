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
	if info.Head != causalLM && info.Head != seq2seqLM {
		return nil, fmt.Errorf("%w: %s has the task %q, want %q or %q", ErrModel, info.ModelType, info.Head, causalLM, seq2seqLM)
	}
	s, err := resolve(a, o)
	if err != nil {
		return nil, err
	}
	if _, ok := s.DecoderStart.Get(); !ok && info.Head == seq2seqLM {
		return nil, optionf("decoder_start_token_id", "is neither given nor in the backbone's folder")
	}
	return &Generator{adapted: a, settings: s, tokenizer: sync.OnceValues(func() (tokenizer.Tokenizer, error) {
		dir := a.Backbone().Origin().Dir
		if dir == "" {
			return nil, fmt.Errorf("%w: it came from no folder, so it has no tokenizer", ErrModel)
		}
		return tokenizer.Load(dir)
	})}, nil
}

// The tasks of backbones that write text: a decoder's, and an encoder-decoder's.
const causalLM, seq2seqLM = "causal-lm", "seq2seq-lm"

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
	rows []history
	ends func(row history) bool
}

// writer checks a batch and prepares it.
func (g *Generator) writer(sel peft.Selection, prompts Batch) (*writer, error) {
	info, err := g.adapted.Info(sel)
	if err != nil {
		return nil, err
	}
	w := &writer{settings: g.settings}
	if err := w.check(info.Vocab); err != nil {
		return nil, err
	}
	target := info.Head == seq2seqLM
	b, err := prompts.aligned(info.Vocab, w.Pad, !target)
	if err != nil {
		return nil, err
	}
	virtual, err := g.adapted.VirtualTokens(sel)
	if err != nil {
		return nil, err
	}
	length := len(b.IDs[0])
	room := info.MaxPositions - virtual
	if length > room {
		return nil, promptf("%d tokens are more than the %d positions that the backbone has for them", length, room)
	}
	rows := b.IDs
	if target {
		start, _ := w.DecoderStart.Get()
		rows, length = slices.Repeat([][]int32{{start}}, len(b.IDs)), 1
	}
	if err := w.fits(length, room); err != nil {
		return nil, err
	}
	if _, ok := w.pad(); !ok && len(w.Stop) > 0 && len(b.IDs) > 1 {
		return nil, optionf("pad_token_id", "is needed: rows end at stop strings at different lengths")
	}
	if w.ends, err = g.ends(&w.settings); err != nil {
		return nil, err
	}
	n := max(w.Beams, 1)
	w.decoder = decoder{adapted: g.adapted, sel: sel.RepeatRows(n), target: target, room: room, rereads: info.Rereads, columns: w.maxLength - 1}
	w.prompts = Batch{IDs: repeated(b.IDs, n), Mask: repeated(b.Mask, n)}
	for i, row := range repeated(rows, n) {
		h := history{ids: slices.Clone(row), start: length}
		if !target {
			h.skip = slices.Index(w.prompts.Mask[i], 1)
		}
		w.rows = append(w.rows, h)
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
