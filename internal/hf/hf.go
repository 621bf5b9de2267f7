// Package hf holds what HF PEFT knows of tasks and heads: its task types and the modules that it saves for them.
package hf

import "slices"

// taskTypes maps a backbone's head to the task_type that trains and saves it.
var taskTypes = map[string]string{
	"sequence-classification": "SEQ_CLS",
	"token-classification":    "TOKEN_CLS",
	"question-answering":      "QUESTION_ANS",
	"causal-lm":               "CAUSAL_LM",
	"seq2seq-lm":              "SEQ_2_SEQ_LM",
}

// TaskType gives the task_type for a backbone's head ("sequence-classification"), "" where HF PEFT has none.
func TaskType(head string) string { return taskTypes[head] }

// Head gives the head that a task_type is for, "" for FEATURE_EXTRACTION, which is for none, and for unknown ones.
func Head(taskType string) string {
	for head, t := range taskTypes {
		if t == taskType {
			return head
		}
	}
	return ""
}

// TaskTypes lists every task_type.
func TaskTypes() []string {
	return []string{"SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS", "CAUSAL_LM", "SEQ_2_SEQ_LM", "FEATURE_EXTRACTION"}
}

// Heads gives the names of head modules that HF PEFT adds to modules_to_save by task type; names that a backbone lacks
// are passed over.
func Heads(taskType string) []string {
	switch taskType {
	case "SEQ_CLS", "TOKEN_CLS":
		return []string{"classifier", "score"}
	case "QUESTION_ANS":
		return []string{"qa_outputs"}
	}
	return nil
}

// ModulesToSave is modules_to_save as HF PEFT writes it: the given names, then the task's heads.
func ModulesToSave(given []string, taskType string) []string {
	out := slices.Clone(given)
	for _, h := range Heads(taskType) {
		if !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}
