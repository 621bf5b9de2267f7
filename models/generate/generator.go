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

// Generator generates text with a backbone and its adapters. Make one with [New]; the zero value is not usable, and its
// methods return an error that matches [peft.ErrInput]. It is safe for concurrent use, and calls with different adapters
// may run at once.
//
// All methods that run the model take a context. It is looked at before the prompt is read and before each later step; a
// step that has begun runs to its end. Once the context is done, no further step begins: the call returns its error
// (context.Canceled or context.DeadlineExceeded) and no partial result, so use [Generator.Stream], [Generator.Tokens] or
// [Generator.GenerateEach] to keep what was generated until then. A nil context matches [peft.ErrInput].
type Generator struct {
	adapted   *peft.Adapted
	settings  settings
	tokenizer func() (tokenizer.Tokenizer, error)
}

// New makes a generator for a backbone and its adapters, which [peft.New] or [peft.Attach] gave. What the options leave out
// is read from generation_config.json in the backbone's folder, now, not at each call. Adapters that are added later can
// be used as well.
//
// An error matches [ErrOption] (an option, or the file's, can't be used), [ErrModel] (the backbone's task is not causal-lm or
// seq2seq-lm), [peft.ErrUnsupported] (the file asks for what this package lacks) or [peft.ErrInput] (a is nil).
func New(a *peft.Adapted, o Options) (*Generator, error) {
	if a == nil || a.Backbone() == nil {
		return nil, fmt.Errorf("%w: generate.New of a nil Adapted", peft.ErrInput)
	}
	info := a.Backbone().Info()
	if info.Head != causalLM && info.Head != seq2seqLM {
		return nil, fmt.Errorf("%w: %s has the task %q, want %q or %q", ErrModel, info.ModelType, info.Head, causalLM, seq2seqLM)
	}
	s, err := resolve(a, o)
	if err != nil {
		return nil, err
	}
	if s.DecoderStart == nil && info.Head == seq2seqLM {
		return nil, optionf("decoder_start_token_id", "is neither given nor in the backbone's folder")
	}
	return &Generator{adapted: a, settings: s, tokenizer: sync.OnceValues(func() (tokenizer.Tokenizer, error) {
		dir := a.Backbone().Origin().Dir
		if dir == "" {
			return nil, fmt.Errorf("%w text: it was not loaded from a folder, so it has no tokenizer", ErrModel)
		}
		return tokenizer.Load(dir)
	})}, nil
}

// The tasks of backbones that write text: a decoder's, and an encoder-decoder's.
const causalLM, seq2seqLM = "causal-lm", "seq2seq-lm"

// Options gives the options in force: those given to New, with the folder's in the fields that were left out.
func (g *Generator) Options() Options {
	if g == nil {
		return Options{}
	}
	return g.settings.Options.clone()
}

// ready reports a generator that New did not make, and a context that is nil.
func (g *Generator) ready(ctx context.Context) error {
	if g == nil || g.adapted == nil {
		return fmt.Errorf("%w: a Generator that generate.New did not make", peft.ErrInput)
	}
	if ctx == nil {
		return fmt.Errorf("%w: ctx: is nil: use context.Background()", peft.ErrInput)
	}
	return nil
}

// Generate continues each prompt of a batch with the selected adapters, and gives the token ids when all rows have ended: at
// an end-of-sequence token, at a stop text or at the largest length.
//
// An error matches [ErrPrompt] (a prompt is empty, too long, or has an id outside the vocabulary), [ErrOption] (the bound on
// the length does not fit this prompt), [peft.ErrAdapter] (there is no adapter of that name) or is the context's.
func (g *Generator) Generate(ctx context.Context, sel peft.Selection, prompts Batch) (*Result, error) {
	return g.GenerateEach(ctx, sel, prompts, nil)
}

// GenerateEach is [Generator.Generate] that also calls each after every step, to show progress. It gets the step's new token
// of every row, the padding token for rows that have ended. An error that it returns ends the generation and is returned.
// With beam search the tokens are known at the end only, so each must be nil: [ErrOption].
func (g *Generator) GenerateEach(ctx context.Context, sel peft.Selection, prompts Batch, each func([]int32) error) (*Result, error) {
	w, err := g.writer(ctx, sel, prompts)
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

// Tokens generates step by step: each value of the sequence has the step's new token of every row, the padding token for
// rows that have ended. Generation happens as the loop asks for the next value, and leaving the loop ends it. An error is
// the last value; errors are those of [Generator.Generate]. With beam search the tokens are known at the end only:
// [ErrOption].
func (g *Generator) Tokens(ctx context.Context, sel peft.Selection, prompts Batch) iter.Seq2[[]int32, error] {
	return func(yield func([]int32, error) bool) {
		w, err := g.writer(ctx, sel, prompts)
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
func (g *Generator) writer(ctx context.Context, sel peft.Selection, prompts Batch) (*writer, error) {
	if err := g.ready(ctx); err != nil {
		return nil, err
	}
	info, err := g.adapted.Info(sel)
	if err != nil {
		return nil, err
	}
	w := &writer{settings: g.settings}
	if err := w.check(info.Vocab); err != nil {
		return nil, err
	}
	target := info.Head == seq2seqLM
	b, err := prompts.aligned(info.Vocab, w.pad(), !target)
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
		rows, length = slices.Repeat([][]int32{{*w.DecoderStart}}, len(b.IDs)), 1
	}
	if err := w.fits(length, room); err != nil {
		return nil, err
	}
	if w.pad() == nil && len(w.Stop) > 0 && len(b.IDs) > 1 {
		return nil, optionf("pad_token_id", "is needed: rows end at stop strings at different lengths")
	}
	if w.ends, err = g.ends(&w.settings); err != nil {
		return nil, err
	}
	n := max(w.Beams, 1)
	w.decoder = decoder{adapted: g.adapted, sel: sel.RepeatRows(n), target: target, room: room, rereads: info.Rereads, columns: w.maxLength - 1}
	w.prompts = Batch{IDs: repeated(b.IDs, n), Mask: repeated(b.Mask, n), Arguments: map[string][]int32{}}
	for name, numbers := range b.Arguments {
		w.prompts.Arguments[name] = repeated(numbers, n)
	}
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
	return func(row history) bool { return eos(row) || stops(s.Stop).in(tok, row.ids[row.start:]) }, nil
}
