package arch

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

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

// checkTokenLabels checks the labels of a task over tokens [batch, seq], in front of which adapters may put virtual ones.
func checkTokenLabels(in seam.Tensors, info seam.Info, problem string, batch, seq, virtual int) error {
	switch info.Head {
	case SequenceClass:
		return CheckClasses(in, len(info.Classes), problem, batch)
	case TokenClass, MaskedLM, Seq2SeqLM:
		classes := len(info.Classes)
		if info.Head != TokenClass {
			classes = info.Vocab
		}
		if err := Shaped(in, "labels", batch, seq); err != nil {
			return err
		}
		return classIndices(in, classes)
	case QuestionAnswering:
		return checkSpans(in, batch, seq+virtual)
	}
	return nil
}

// checkSpans checks the positions that SpanLoss is of, among so many columns.
func checkSpans(in seam.Tensors, batch, columns int) error {
	names := labelNames(QuestionAnswering)
	for _, name := range names {
		t := in[name]
		if t == nil {
			continue
		}
		if err := Shaped(in, name, batch); err != nil {
			return err
		}
		positions, err := Ints(name, t)
		if err != nil {
			return err
		}
		if in[names[0]] == nil || in[names[1]] == nil {
			continue // no loss is computed
		}
		if none(positions, func(at int64) bool { return at < int64(columns) }) {
			return seam.Inputf(name, "every position is beyond the sequence's %d columns and counts for no loss: there is none to be computed", columns)
		}
	}
	return nil
}

// CheckClasses checks the argument "labels" of SequenceLoss, for so many classes and a batch of so many inputs: one class or a
// set of classes for each. Labels that are all IgnoreIndex are refused, since their loss would be a mean over nothing,
// NaN. Errors match seam.ErrInput.
func CheckClasses(in seam.Tensors, classes int, problem string, batch int) error {
	t := in["labels"]
	if t == nil {
		return nil
	}
	if problem == "regression" || problem == "" && classes == 1 {
		if classes > 1 {
			return Shaped(in, "labels", batch, classes)
		}
		if t.Size() != batch {
			return seam.Inputf("labels", "have shape %v, want [%d]", t.Shape().Dimensions, batch)
		}
		return nil
	}
	if t.DType().IsFloat() || problem == "multi_label_classification" {
		return Shaped(in, "labels", batch, classes)
	}
	if err := Shaped(in, "labels", batch); err != nil {
		return err
	}
	return classIndices(in, classes)
}

// classIndices checks labels that are indices of classes or IgnoreIndex. A mean over none that counts is NaN, so one has
// to.
func classIndices(in seam.Tensors, classes int) error {
	labels, err := indices(in, classes)
	if err == nil && len(labels) > 0 && none(labels, counted) {
		err = seam.Inputf("labels", "every label is %d and counts for no loss: there is none to be computed", IgnoreIndex)
	}
	return err
}

// nextTokens checks the labels [batch, seq] of NextTokenLoss, which predicts the first column's only behind virtual tokens.
func nextTokens(in seam.Tensors, vocab, seq, virtual int) error {
	labels, err := indices(in, vocab)
	if err != nil || len(labels) == 0 {
		return err
	}
	for i, label := range labels {
		if counted(label) && (i%seq > 0 || virtual > 0) {
			return nil
		}
	}
	if virtual > 0 || none(labels, counted) {
		return seam.Inputf("labels", "every label is %d and counts for no loss: there is none to be computed", IgnoreIndex)
	}
	return seam.Inputf("labels", "every label behind the first column is %d and counts for no loss, and nothing predicts the first token: there is none to be computed", IgnoreIndex)
}

// indices gives labels that are in [0, classes) or IgnoreIndex, nil where there are none.
func indices(in seam.Tensors, classes int) ([]int64, error) {
	if in["labels"] == nil {
		return nil, nil
	}
	if err := Within(in, "labels", classes, IgnoreIndex); err != nil {
		return nil, err
	}
	return Ints("labels", in["labels"])
}

func counted(label int64) bool { return label != IgnoreIndex }

func none(values []int64, is func(int64) bool) bool { return !slices.ContainsFunc(values, is) }
