package models

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// heads are the heads that an adapter's task_type saves, by task.
var heads = map[string]string{
	"SEQ_CLS": arch.SequenceClass, "TOKEN_CLS": arch.TokenClass, "QUESTION_ANS": arch.QuestionAnswering, "CAUSAL_LM": arch.CausalLM,
	"SEQ_2_SEQ_LM": arch.Seq2SeqLM,
}

// LoadFor is Load for an adapter in a folder ("" is none): it gives a model with the head that the adapter was trained
// with, as AutoPeftModelForSequenceClassification does. A checkpoint without a head, or with that of pretraining (a
// masked or causal language model's), gets one for the adapter's task_type, with its classes; one with another head keeps
// it. Head and Classes, where
// they are given, count instead. Errors are those of Load and of peft.ReadConfig.
func LoadFor(dir, adapter string, opts ...LoadOption) (*peft.Backbone, error) {
	o, err := gather(opts)
	if err != nil {
		return nil, err
	}
	if adapter != "" && !o.hasTask {
		if err := o.adopt(dir, adapter); err != nil {
			return nil, err
		}
	}
	return load(dir, &o)
}

// adopt asks for the head of an adapter where the checkpoint has none that could be meant.
func (o *options) adopt(dir, adapter string) error {
	bare := *o
	bare.labels, bare.hasLabels = nil, false // of the head that is to come
	info, err := inspect(dir, &bare)
	if err != nil || !slices.Contains([]string{arch.Encoder, arch.CausalLM, arch.MaskedLM}, info.Head) {
		return err
	}
	cfg, err := peft.ReadConfig(adapter)
	if err != nil {
		return err
	}
	task, ok := heads[cfg.Shared().TaskType]
	if !ok || task == info.Head {
		return nil
	}
	o.task, o.hasTask = task, true
	if o.hasLabels || !hasClasses(task) {
		return nil
	}
	if o.labels = cfg.Shared().Classes; o.labels == nil {
		o.labels, err = headLabels(adapter)
	}
	o.hasLabels = o.labels != nil
	return err
}

// headLabels names the classes of an adapter's saved classifier by its width; nil where it has none.
func headLabels(adapter string) ([]string, error) {
	file, err := safetensors.Open(filepath.Join(adapter, peft.WeightsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s: %w", peft.ErrTensor, adapter, peft.WeightsFile, err)
	}
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
