package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/hf"
	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/models/bart"
	"github.com/gopeft/gopeft/models/bert"
	"github.com/gopeft/gopeft/models/clip"
	"github.com/gopeft/gopeft/models/distilbert"
	"github.com/gopeft/gopeft/models/gemma2"
	"github.com/gopeft/gopeft/models/gpt2"
	"github.com/gopeft/gopeft/models/hubert"
	"github.com/gopeft/gopeft/models/llama"
	"github.com/gopeft/gopeft/models/mistral"
	"github.com/gopeft/gopeft/models/phi3"
	"github.com/gopeft/gopeft/models/qwen2"
	"github.com/gopeft/gopeft/models/qwen3"
	"github.com/gopeft/gopeft/models/resnet"
	"github.com/gopeft/gopeft/models/roberta"
	"github.com/gopeft/gopeft/models/t5"
	"github.com/gopeft/gopeft/models/vit"
	"github.com/gopeft/gopeft/models/wav2vec2"
)

// families lists every backbone family: a new one adds its line here.
func families() []arch.Family {
	return []arch.Family{
		bart.Family,
		bert.Family,
		clip.Family,
		clip.TextFamily,
		clip.VisionFamily,
		distilbert.Family,
		gemma2.Family,
		gpt2.Family,
		hubert.Family,
		llama.Family,
		mistral.Family,
		phi3.Family,
		qwen2.Family,
		qwen3.Family,
		resnet.Family,
		roberta.Family,
		t5.Family,
		vit.Family,
		wav2vec2.Family,
	}
}

// Families lists the kinds of models that Load opens, by the "model_type" of their config.json, sorted.
func Families() []string {
	var out []string
	for _, f := range families() {
		out = append(out, f.ModelType)
	}
	slices.Sort(out)
	return out
}

func family(modelType string) (arch.Family, error) {
	for _, f := range families() {
		if f.ModelType == modelType {
			return f, nil
		}
	}
	known := Families()
	return arch.Family{}, fmt.Errorf("%w: model_type %q%s (known: %s)", ErrFamily, modelType, meant(modelType, known), strings.Join(known, ", "))
}

// taskOf finds the task of a config's class name.
func taskOf(f arch.Family, class string) (string, error) {
	if class == "" {
		return arch.Encoder, nil
	}
	if task, ok := f.Tasks[class]; ok {
		return task, nil
	}
	var known []string
	for c := range f.Tasks {
		known = append(known, c)
	}
	slices.Sort(known)
	return "", fmt.Errorf("%w: architecture %q of %s (known: %s); Head asks for another one than the config's",
		ErrFamily, class, f.ModelType, strings.Join(known, ", "))
}

// classOf finds the class name of a task.
func classOf(f arch.Family, task string) (string, error) {
	var known []string
	for class, t := range f.Tasks {
		if t == task {
			return class, nil
		}
		if t != arch.Encoder {
			known = append(known, t)
		}
	}
	slices.Sort(known)
	guess := cmp.Or(f.Tasks[task], hf.Head(task), task) // others call a head by its class, or by a task_type
	return "", fmt.Errorf("%w: %s has no head for task %q%s (known: %s)", ErrFamily, f.ModelType, task, meant(guess, known), strings.Join(known, ", "))
}

// meant says which of the known names an unknown one stands for, if it is not far from it.
func meant(name string, known []string) string {
	plain := strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(strings.TrimSpace(name)))
	near := names.Near(plain, known, 1)
	if len(near) == 0 || names.Distance(plain, near[0]) > 2 {
		return ""
	}
	return fmt.Sprintf(": do you mean %q?", near[0])
}
