package arch

import "github.com/gopeft/gopeft/peft"

// Check implements peft.Model.
func (d *Decoder) Check(in peft.Tensors, virtual int) error {
	arguments := []string{"input_ids", "attention_mask"}
	if d.About.Task != Encoder {
		arguments = append(arguments, "labels")
	}
	if err := Known(in, arguments...); err != nil {
		return err
	}
	batch, seq, err := Tokens(in, d.About.Vocab, d.About.MaxPositions, virtual)
	if err != nil {
		return err
	}
	switch d.About.Task {
	case CausalLM:
		if err := Shaped(in, "labels", batch, seq); err != nil {
			return err
		}
		return Within(in, "labels", d.About.Vocab, IgnoreIndex)
	case SequenceClass:
		if d.Pad < 0 && batch > 1 {
			return peft.Inputf("input_ids", "hold %d sequences, but the backbone's config has no pad_token_id to tell where each one ends", batch)
		}
		return d.checkClasses(in, batch)
	}
	return nil
}

// checkClasses checks the labels of what SequenceLoss computes.
func (d *Decoder) checkClasses(in peft.Tensors, batch int) error {
	classes, t := len(d.About.Labels), in["labels"]
	switch {
	case t == nil:
		return nil
	case d.Problem == "regression" || d.Problem == "" && classes == 1:
		if t.Size() != batch*classes {
			return peft.Inputf("labels", "have shape %v, want [%d]", t.Shape().Dimensions, batch*classes)
		}
		return nil
	case t.DType().IsFloat() || d.Problem == "multi_label_classification":
		return Shaped(in, "labels", batch, classes)
	}
	if err := Shaped(in, "labels", batch); err != nil {
		return err
	}
	return Within(in, "labels", classes, IgnoreIndex)
}
