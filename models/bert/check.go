package bert

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Check implements peft.Model.
func (n *network) Check(in peft.Tensors, virtual int) error {
	arguments := []string{"input_ids", "attention_mask", "token_type_ids"}
	switch n.task {
	case arch.QuestionAnswering:
		arguments = append(arguments, "start_positions", "end_positions")
	case arch.Encoder:
	default:
		arguments = append(arguments, "labels")
	}
	if err := arch.Known(in, arguments...); err != nil {
		return err
	}
	batch, seq, err := arch.Tokens(in, n.info.Vocab, n.positions, virtual)
	if err != nil {
		return err
	}
	if err := arch.Within(in, "token_type_ids", n.types); err != nil {
		return err
	}
	return n.checkLabels(in, batch, seq)
}

func (n *network) checkLabels(in peft.Tensors, batch, seq int) error {
	classes := len(n.info.Labels)
	switch n.task {
	case arch.SequenceClass:
		t := in["labels"]
		if t == nil {
			return nil
		}
		if n.problem == "regression" || n.problem == "" && classes == 1 {
			if t.Size() != batch*classes {
				return peft.Inputf("labels", "have shape %v, want [%d]", t.Shape().Dimensions, batch*classes)
			}
			return nil
		}
		if t.DType().IsFloat() || n.problem == "multi_label_classification" {
			return arch.Shaped(in, "labels", batch, classes)
		}
		if err := arch.Shaped(in, "labels", batch); err != nil {
			return err
		}
		return arch.Within(in, "labels", classes, arch.IgnoreIndex)
	case arch.TokenClass, arch.MaskedLM:
		if n.task == arch.MaskedLM {
			classes = n.info.Vocab
		}
		if err := arch.Shaped(in, "labels", batch, seq); err != nil {
			return err
		}
		return arch.Within(in, "labels", classes, arch.IgnoreIndex)
	case arch.QuestionAnswering:
		for _, name := range []string{"start_positions", "end_positions"} {
			if t := in[name]; t != nil {
				if err := arch.Shaped(in, name, batch); err != nil {
					return err
				}
				if _, err := arch.Ints(name, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
