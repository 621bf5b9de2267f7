package arch

import "github.com/gopeft/gopeft/peft/seam"

// Check implements seam.Model.
func (d *Decoder) Check(in seam.Tensors, virtual int) error {
	arguments := []string{"input_ids", "attention_mask"}
	if d.About.Head != Encoder {
		arguments = append(arguments, "labels")
	}
	if err := Known(in, arguments...); err != nil {
		return err
	}
	batch, seq, err := Tokens(in, d.About.Vocab, d.About.MaxPositions, virtual)
	if err != nil {
		return err
	}
	switch d.About.Head {
	case CausalLM:
		if err := Shaped(in, "labels", batch, seq); err != nil {
			return err
		}
		return nextTokens(in, d.About.Vocab, seq, virtual)
	case SequenceClass:
		if d.Pad < 0 && batch > 1 {
			return seam.Inputf("input_ids", "hold %d sequences, but the backbone's config has no pad_token_id to tell where each one ends", batch)
		}
		return CheckClasses(in, len(d.About.Classes), d.Problem, batch)
	}
	return nil
}
