package generate

import (
	"context"
	"iter"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Text continues each prompt and gives the new texts, in the order of the prompts, without the prompts and without special
// tokens such as the one that ends a text. With [Options.TrimStop] a text ends before its stop text. It is Encode, Generate
// and Decode in one, and has their errors.
func (g *Generator) Text(ctx context.Context, sel peft.Selection, prompts ...string) ([]string, error) {
	b, err := g.Encode(prompts...)
	if err != nil {
		return nil, err
	}
	out, err := g.Generate(ctx, sel, b)
	if err != nil {
		return nil, err
	}
	return g.Decode(out.New())
}

// Stream continues a prompt and yields the new text piece by piece as it is generated; joined, the pieces are what
// [Generator.Text] gives. A piece is held back until it is certain: while it ends within a character and, with
// [Options.TrimStop], while it may be the beginning of a stop text. Leaving the loop ends the generation. An error, also that
// of a done context, is the last value. With beam search the text is known at the end only: [ErrOption].
func (g *Generator) Stream(ctx context.Context, sel peft.Selection, prompt string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		b, err := g.Encode(prompt)
		var pieces *Pieces
		if err == nil {
			pieces, err = g.Pieces()
		}
		if err != nil {
			yield("", err)
			return
		}
		for tokens, err := range g.Tokens(ctx, sel, b) {
			if err != nil {
				yield("", err)
				return
			}
			if piece := pieces.Push(tokens[0]); piece != "" && !yield(piece, nil) {
				return
			}
		}
		if piece := pieces.Flush(); piece != "" {
			yield(piece, nil)
		}
	}
}

// Encode turns prompts into token ids with the tokenizer in the backbone's folder, one row for each, with the special tokens
// that the tokenizer adds. Nothing is cut off. It is [ErrModel] if the backbone was not loaded from a folder; other errors are
// those of [tokenizer.Load].
func (g *Generator) Encode(prompts ...string) (Batch, error) {
	tok, err := g.loaded()
	if err != nil {
		return Batch{}, err
	}
	var b Batch
	for _, text := range prompts {
		e, err := tok.Encode(text, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
		if err != nil {
			return Batch{}, err
		}
		b.IDs = append(b.IDs, e.IDs)
	}
	return b, nil
}

// Decode turns generated tokens, as [Result.New] gives them, into texts, one for each row, without special tokens. With
// [Options.TrimStop] a text ends before the first stop text in it. Errors are those of [Generator.Encode].
func (g *Generator) Decode(rows [][]int32) ([]string, error) {
	tok, err := g.loaded()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(rows))
	for i, ids := range rows {
		texts[i], _ = g.trimmed().cut(tok.Decode(ids, true))
	}
	return texts, nil
}

// loaded gives the tokenizer of the backbone's folder.
func (g *Generator) loaded() (tokenizer.Tokenizer, error) {
	if err := g.ready(context.Background()); err != nil {
		return nil, err
	}
	return g.tokenizer()
}

// trimmed gives the stop texts to leave out.
func (g *Generator) trimmed() stops {
	if g.settings.TrimStop {
		return stops(g.settings.Stop)
	}
	return nil
}
