package arch

import "github.com/gopeft/gopeft/peft/seam"

// labelNames lists the arguments that carry a task's labels.
func labelNames(task string) []string {
	switch task {
	case Encoder, EncoderOnly:
		return nil
	case QuestionAnswering:
		return []string{"start_positions", "end_positions"}
	}
	return []string{"labels"}
}

// checkTokenLabels checks the labels of a task over tokens [batch, seq].
func checkTokenLabels(in seam.Tensors, info seam.Info, problem string, batch, seq int) error {
	switch info.Task {
	case SequenceClass:
		return CheckClasses(in, len(info.Labels), problem, batch)
	case TokenClass, MaskedLM, Seq2SeqLM:
		classes := len(info.Labels)
		if info.Task != TokenClass {
			classes = info.Vocab
		}
		if err := Shaped(in, "labels", batch, seq); err != nil {
			return err
		}
		return Within(in, "labels", classes, IgnoreIndex)
	case QuestionAnswering:
		for _, name := range labelNames(info.Task) {
			if t := in[name]; t != nil {
				if err := Shaped(in, name, batch); err != nil {
					return err
				}
				if _, err := Ints(name, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// CheckClasses checks the labels of what SequenceLoss computes, one or a set of classes for each of batch inputs.
func CheckClasses(in seam.Tensors, classes int, problem string, batch int) error {
	t := in["labels"]
	if t == nil {
		return nil
	}
	if problem == "regression" || problem == "" && classes == 1 {
		if t.Size() != batch*classes {
			return seam.Inputf("labels", "have shape %v, want [%d]", t.Shape().Dimensions, batch*classes)
		}
		return nil
	}
	if t.DType().IsFloat() || problem == "multi_label_classification" {
		return Shaped(in, "labels", batch, classes)
	}
	if err := Shaped(in, "labels", batch); err != nil {
		return err
	}
	return Within(in, "labels", classes, IgnoreIndex)
}
