package train

import (
	"reflect"

	"github.com/gopeft/gopeft/peft"
)

// checkTask refuses a task whose labels the backbone's own loss can't take. Names of classes are compared with any loss.
func (o *Options) checkTask(info peft.Info) error {
	if c, ok := o.Task.(classification); ok {
		if err := c.check(info); err != nil {
			return err
		}
	}
	if o.Loss != nil {
		return nil
	}
	name, head := "", ""
	switch o.Task.(type) {
	case classification:
		name, head = "Classification", "sequence-classification"
	case regression:
		name, head = "Regression", "sequence-classification"
	case writing:
		name, head = "Writing", "seq2seq-lm"
	case continuing:
		name, head = "Continuing", "causal-lm"
	default:
		return nil
	}
	if info.Head != head {
		return optionf("Task", "%s is for the head %q, and the backbone has %q", name, head, info.Head)
	}
	if _, ok := o.Task.(regression); ok && len(info.Classes) > 1 {
		return optionf("Task", "Regression is for a head with one output, and the backbone's has %d: %q", len(info.Classes), info.Classes)
	}
	return nil
}

// checkNil refuses pointers that are nil inside of an option, which no comparison with nil finds.
func (o *Options) checkNil() error {
	for _, f := range []struct {
		name  string
		value any
	}{
		{"Task", o.Task}, {"Optimizer", o.Optimizer}, {"Schedule", o.Schedule}, {"EvalSource", o.EvalSource}, {"Tokenizer", o.Tokenizer},
	} {
		if v := reflect.ValueOf(f.value); v.Kind() == reflect.Pointer && v.IsNil() {
			return optionf(f.name, "is a nil %T", f.value)
		}
	}
	return nil
}
