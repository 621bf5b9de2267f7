package predict

import (
	"context"
	"fmt"
	"image"
	"iter"

	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Inputs are what Classes, MultiLabel and Numbers look at: Texts, Pairs, Images, ImageFiles, Sounds or SoundFiles.
type Inputs interface {
	// kind names the inputs in an error, as "texts".
	kind() string
	// size counts them.
	size() int
	// task is that of a backbone which classifies them.
	task() string
	// batches are forward's arguments.
	batches(ctx context.Context, p *Predictor, sel peft.Selection) (iter.Seq2[batch, error], error)
}

// Texts are texts, none of them empty. Those longer than Options.MaxLength are cut.
type Texts []string

// Pair is two texts that are looked at together, as a premise and a hypothesis.
type Pair struct{ First, Second string }

// Pairs are pairs of texts, none of them empty. Of those longer than Options.MaxLength the longer text is cut first.
type Pairs []Pair

// Images are decoded images.
type Images []image.Image

// ImageFiles are the paths of PNG or JPEG files, which are read batch by batch.
type ImageFiles []string

// Sounds are recordings.
type Sounds []preprocess.Sound

// SoundFiles are the paths of WAV files, which are read a few batches at a time.
type SoundFiles []string

func (Texts) kind() string      { return "texts" }
func (Pairs) kind() string      { return "pairs of texts" }
func (Images) kind() string     { return "images" }
func (ImageFiles) kind() string { return "image files" }
func (Sounds) kind() string     { return "sounds" }
func (SoundFiles) kind() string { return "sound files" }

func (in Texts) size() int      { return len(in) }
func (in Pairs) size() int      { return len(in) }
func (in Images) size() int     { return len(in) }
func (in ImageFiles) size() int { return len(in) }
func (in Sounds) size() int     { return len(in) }
func (in SoundFiles) size() int { return len(in) }

func (Texts) task() string      { return sequenceClass }
func (Pairs) task() string      { return sequenceClass }
func (Images) task() string     { return imageClass }
func (ImageFiles) task() string { return imageClass }
func (Sounds) task() string     { return audioClass }
func (SoundFiles) task() string { return audioClass }

func (in Texts) batches(ctx context.Context, p *Predictor, sel peft.Selection) (iter.Seq2[batch, error], error) {
	if err := checkTexts("texts", in); err != nil {
		return nil, err
	}
	return p.whole(ctx, sel, len(in), func(tok tokenizer.Tokenizer, i int, o *tokenizer.Options) (*tokenizer.Encoding, error) {
		return tok.Encode(in[i], o)
	})
}

func (in Pairs) batches(ctx context.Context, p *Predictor, sel peft.Selection) (iter.Seq2[batch, error], error) {
	for i, pair := range in {
		if pair.First == "" || pair.Second == "" {
			return nil, seam.Inputf(fmt.Sprintf("pairs[%d]", i), "has an empty text")
		}
	}
	return p.whole(ctx, sel, len(in), func(tok tokenizer.Tokenizer, i int, o *tokenizer.Options) (*tokenizer.Encoding, error) {
		return tok.EncodePair(in[i].First, in[i].Second, o)
	})
}

// whole makes batches of texts that are cut to one row each.
func (p *Predictor) whole(ctx context.Context, sel peft.Selection, n int,
	one func(tok tokenizer.Tokenizer, i int, o *tokenizer.Options) (*tokenizer.Encoding, error),
) (iter.Seq2[batch, error], error) {
	tok, err := p.tokenizer()
	if err != nil {
		return nil, err
	}
	limit, err := p.limit(sel, tok)
	if err != nil {
		return nil, err
	}
	rows, err := encode(ctx, n, func(i int) (*tokenizer.Encoding, error) { return one(tok, i, cut(limit)) })
	if err != nil {
		return nil, err
	}
	return p.sequenceBatches(sel, tok, rows, limit)
}
