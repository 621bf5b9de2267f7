package models

import (
	"path/filepath"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// heads are the heads that an adapter's task_type saves, by task.
var heads = map[string]string{
	"SEQ_CLS": arch.SequenceClass, "TOKEN_CLS": arch.TokenClass, "QUESTION_ANS": arch.QuestionAnswering, "CAUSAL_LM": arch.CausalLM,
	"SEQ_2_SEQ_LM": arch.Seq2SeqLM,
}

// LoadFor is Load for an adapter in a folder ("" is none): a checkpoint without a head, or with that of a causal language
// model, gets the one that the adapter was trained with, of its width, as AutoPeftModelForSequenceClassification does.
func LoadFor(dir, adapter string, opts ...Option) (*peft.Backbone, error) {
	info, err := Inspect(dir, opts...)
	if err != nil {
		return nil, err
	}
	if adapter == "" || info.Task != arch.Encoder && info.Task != arch.CausalLM {
		return Load(dir, opts...)
	}
	cfg, err := peft.ReadConfig(adapter)
	if err != nil {
		return nil, err
	}
	task, ok := heads[cfg.Shared().TaskType]
	if !ok || task == info.Task {
		return Load(dir, opts...)
	}
	opts = append(opts, Task(task))
	labels := cfg.Shared().Labels
	if labels == nil {
		if labels, err = headLabels(adapter); err != nil {
			return nil, err
		}
	}
	if labels != nil {
		opts = append(opts, Labels(labels...))
	}
	return Load(dir, opts...)
}

// headLabels names the classes of an adapter's saved classifier by its width; nil where it has none.
func headLabels(adapter string) ([]string, error) {
	file, err := safetensors.Open(filepath.Join(adapter, peft.WeightsFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for _, key := range []string{
		"base_model.model.classifier.weight", "base_model.model.classifier.out_proj.weight", "base_model.classifier.weight",
		"base_model.model.score.weight", "base_model.score.weight",
	} {
		if info, ok := file.Info(key); ok && len(info.Shape) == 2 {
			return arch.DefaultLabels(info.Shape[0]), nil
		}
	}
	return nil, nil
}
