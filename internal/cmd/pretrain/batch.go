package main

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

const (
	dialogues = 32 // in a batch, each about another matter; twice as many rows
	short     = 24 // tokens of most batches
	long      = 64 // and of every eighth, so that every position is trained
	maskShare = 0.15
)

// Streams of random numbers, which follow from the seed.
const (
	vocabularyStream = iota
	textStream
	maskStream
)

func random(seed uint64, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// batch is the input of a step.
type batch struct {
	in peft.Tensors // of the encoder: [2 size, length]; row i and row i+size are one dialogue
	// Where a token is to be guessed, as indices into the rows laid end to end, and which: both [masked]. What fills
	// them up is labelled arch.IgnoreIndex.
	at, target *peft.Tensor
}

// batches writes batches, one after the other; they depend on the seed alone.
type batches struct {
	corpus *corpus
	tok    tokenizer.Tokenizer
	size   int // dialogues in a batch
	text   *rand.Rand
	masks  *rand.Rand
	made   int
}

func newBatches(c *corpus, tok tokenizer.Tokenizer, size int, seed uint64) *batches {
	return &batches{corpus: c, tok: tok, size: size, text: random(seed, textStream), masks: random(seed, maskStream)}
}

func (b *batches) next() (*batch, error) {
	texts, length := b.texts()
	rows := len(texts)
	ids, mask := make([]int32, rows*length), make([]int32, rows*length)
	var at, target []int32
	for i, text := range texts {
		enc, err := b.tok.Encode(text, &tokenizer.Options{Truncation: &tokenizer.Truncation{MaxLength: length}})
		if err != nil {
			return nil, err
		}
		for j, id := range enc.IDs {
			k := i*length + j
			ids[k], mask[k] = id, 1
			if enc.SpecialTokensMask[j] == 0 && b.masks.Float64() < maskShare {
				at, target = append(at, int32(k)), append(target, id)
				ids[k] = b.disguise(id)
			}
		}
	}
	room := int(maskShare * float64(rows*length))
	at, target = at[:min(room, len(at))], target[:min(room, len(target))]
	for len(at) < room {
		at, target = append(at, 0), append(target, arch.IgnoreIndex)
	}
	tensor := func(flat []int32, dims ...int) *peft.Tensor { return tensors.FromFlatDataAndDimensions(flat, dims...) }
	return &batch{
		in: peft.Tensors{"input_ids": tensor(ids, rows, length), "attention_mask": tensor(mask, rows, length)},
		at: tensor(at, room), target: tensor(target, room),
	}, nil
}

// texts gives the first turns of the dialogues, then the second ones, and the length of their batch. Long ones are
// two turns of each, one after the other.
func (b *batches) texts() (turns []string, length int) {
	length = short
	if b.made++; b.made%8 == 0 {
		length = long
	}
	turns = make([]string, 2*b.size)
	for i, scene := range b.text.Perm(len(b.corpus.scenes))[:b.size] {
		turns[i], turns[b.size+i] = b.corpus.dialogue(b.text, scene)
		if length == long {
			one, other := b.corpus.dialogue(b.text, scene)
			turns[i], turns[b.size+i] = turns[i]+" "+one, turns[b.size+i]+" "+other
		}
	}
	return turns, length
}

// disguise is BERT's: of the tokens to be guessed 80 % are hidden, 10 % are another one and 10 % stay.
func (b *batches) disguise(id int32) int32 {
	switch p := b.masks.Float64(); {
	case p < 0.8:
		return b.tok.Special().Mask
	case p < 0.9:
		return int32(len(specials) + b.masks.IntN(b.tok.VocabSize()-len(specials)))
	}
	return id
}
