package seam

import "encoding/json"

// Config is a method's settings: the content of adapter_config.json. Implement it by a pointer to a plain struct that embeds
// Common. Each field has the key as its json tag and the default as its default tag, a JSON value ("null" for none, "-" to
// leave an unset key out of files). A field's zero value means that default; see WithDefaults and Zero.
type Config interface {
	// PEFTType names the method in files (peft_type), as "LORA".
	PEFTType() string
	// Shared gives the fields that every method has. Common implements it.
	Shared() *Common
	// Method checks the settings and makes the method. Errors match ErrConfig, as those of Fieldf, or ErrUnsupported.
	Method() (Method, error)
}

// Common holds the fields that every adapter_config.json has. Embed it in a Config.
type Common struct {
	// TaskType is SEQ_CLS, TOKEN_CLS, QUESTION_ANS, CAUSAL_LM, SEQ_2_SEQ_LM, FEATURE_EXTRACTION or "" (null). The
	// first three train the head and save it with the adapter.
	TaskType string `json:"task_type" default:"null"`
	// BaseModel says which backbone the adapter belongs to. A note for people; it is not followed.
	BaseModel string `json:"base_model_name_or_path" default:"null"`
	// Revision of the base model. A note.
	Revision string `json:"revision" default:"null"`
	// AutoMapping names the base model's class where TaskType is null. A note.
	AutoMapping json.RawMessage `json:"auto_mapping" default:"null"`
	// InferenceMode is what the file says. It is written as true, as HF PEFT does, and never followed: what trains
	// is the trainer's choice.
	InferenceMode bool `json:"inference_mode" default:"false"`
	// ModulesToSave names modules (by the end of their path) that are trained whole and saved with the adapter.
	ModulesToSave []string `json:"modules_to_save" default:"null"`
	// Classes, when set, are the class names of the saved head, by index. HF PEFT has no such field and ignores it.
	Classes []string `json:"gopeft_labels" default:"-"`
	// Extra holds the keys of a file that this version does not know. They are written back.
	Extra map[string]json.RawMessage `json:"-"`
}

// Shared implements Config.
func (c *Common) Shared() *Common { return c }
