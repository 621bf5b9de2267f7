package models

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/internal/hf"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// LoadFor is Load for an adapter in a folder ("" is none): it gives a model with the head that the adapter was trained
// with, as AutoPeftModelForSequenceClassification does. A checkpoint without a head, or with that of a language model
// (causal, masked, or sequence to sequence), gets one for the adapter's task_type, with its classes; one with another head
// keeps it. Head and Classes, where they are given, count instead. Errors are those of Load and of peft.ReadConfig.
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
	cfg, err := peft.ReadConfig(adapter) // also where the head is the checkpoint's: an adapter that is not there is a mistake
	if err != nil {
		return err
	}
	bare := *o
	bare.labels, bare.hasLabels = nil, false // of the head that is to come
	info, err := inspect(dir, &bare)
	if err != nil || !slices.Contains([]string{arch.Encoder, arch.CausalLM, arch.MaskedLM, arch.Seq2SeqLM}, info.Head) {
		return err
	}
	task := hf.Head(cfg.Shared().TaskType)
	if task == "" || task == info.Head {
		return nil
	}
	if writes := task == arch.CausalLM || task == arch.Seq2SeqLM; writes && (info.Head == arch.MaskedLM || info.Head == arch.Seq2SeqLM) {
		return nil // a head that writes in place of another one is not what is meant
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
			return seam.GenericClasses(info.Shape[0]), nil
		}
	}
	return nil, nil
}
