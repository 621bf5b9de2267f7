package arch

import (
	"cmp"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Check implements seam.Model.
func (n *EncoderDecoder) Check(in seam.Tensors, virtual int) error {
	a := n.About
	arguments := []string{"input_ids", "attention_mask"}
	if a.Head != EncoderOnly {
		arguments = append(arguments, "decoder_input_ids", "decoder_attention_mask")
		arguments = append(arguments, labelNames(a.Head)...)
	}
	if err := Known(in, arguments...); err != nil {
		return err
	}
	batch, seq, err := Tokens(in, a.Vocab, a.MaxPositions, virtual)
	if err != nil || a.Head == EncoderOnly {
		return err
	}
	columns, err := n.checkTarget(in, batch, seq, virtual)
	if err != nil {
		return err
	}
	if a.Head == SequenceClass {
		if virtual > 0 {
			return &seam.UnsupportedError{Option: "virtual tokens where an encoder-decoder classifies sequences"}
		}
		err = n.checkEnds(in, seq, columns)
	}
	return cmp.Or(err, checkTokenLabels(in, a, n.Problem, batch, columns, virtual))
}

// checkTarget checks what the decoder reads and gives its columns.
func (n *EncoderDecoder) checkTarget(in seam.Tensors, batch, seq, virtual int) (columns int, err error) {
	ids, labels := in["decoder_input_ids"], in["labels"]
	switch {
	case ids != nil:
		var rows int
		rows, columns, err = tokenIDs(in, "decoder_input_ids", n.About.Vocab, n.About.MaxPositions, virtual)
		if err == nil && rows != batch {
			err = seam.Inputf("decoder_input_ids", "have %d rows, input_ids have %d", rows, batch)
		}
	case n.About.Head == Seq2SeqLM && labels != nil:
		if labels.Rank() != 2 || labels.Shape().Dimensions[0] != batch || labels.Size() == 0 {
			return 0, seam.Inputf("labels", "have shape %v, want [%d, columns]", labels.Shape().Dimensions, batch)
		}
		columns = labels.Shape().Dimensions[1]
		err = room("labels", columns, n.About.MaxPositions, virtual)
	case n.ShiftSource || n.About.Head == SequenceClass || n.About.Head == QuestionAnswering:
		columns = seq
	case n.About.Head == Seq2SeqLM:
		return 0, seam.Inputf("decoder_input_ids", "are missing, and so are labels, which could stand for them")
	default:
		return 0, seam.Inputf("decoder_input_ids", "are missing")
	}
	return columns, cmp.Or(err, checkMask(in, "decoder_attention_mask", batch, columns))
}

// checkEnds checks that every source has the token by which it is classified, the same number of times, as transformers
// wants it, and that the decoder's columns are those of the source.
func (n *EncoderDecoder) checkEnds(in seam.Tensors, seq, columns int) error {
	if columns != seq {
		return seam.Inputf("decoder_input_ids", "have %d columns, input_ids have %d", columns, seq)
	}
	ids, err := Ints("input_ids", in["input_ids"])
	if err != nil {
		return err
	}
	first := -1
	for row := range slices.Chunk(ids, seq) {
		ends := 0
		for _, id := range row {
			if id == int64(n.EOS) {
				ends++
			}
		}
		if first < 0 {
			first = ends
		}
		if ends == 0 || ends != first {
			return seam.Inputf("input_ids", "must hold the end token %d in every row the same number of times", n.EOS)
		}
	}
	return nil
}
