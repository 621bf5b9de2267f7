package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
)

// Errors by situation; what is returned wraps one of them.
var (
	// ErrTemplate is a template that is missing or cannot be read.
	ErrTemplate = errors.New("invalid chat template")
	// ErrRender is a conversation that the template refuses or stumbles over.
	ErrRender = errors.New("cannot render conversation")
)

// Message is one turn of a conversation, with the keys that the template asks for: "role" and "content" at least.
type Message map[string]any

// Options are the choices of one rendering. The zero value adds nothing to the messages.
type Options struct {
	GenerationPrompt bool           // end with what begins the model's answer
	Tools            []any          // descriptions of functions the model may call; json.RawMessage keeps their order
	Vars             map[string]any // what else the template knows
}

// Template is a chat template. It never changes: many goroutines may render at once.
type Template struct {
	template *exec.Template
	vars     map[string]any // special tokens by "bos_token" and so on
}

// Load reads the template of a model folder: chat_template.jinja or, where there is none, the chat_template of
// tokenizer_config.json, whose special tokens the template knows by their names. Of several the one called default
// is taken. Errors wrap ErrTemplate or fs.ErrNotExist.
func Load(dir string) (*Template, error) {
	vars, text, err := readConfig(filepath.Join(dir, "tokenizer_config.json"))
	if err != nil {
		return nil, fmt.Errorf("chat template in %s: %w", dir, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "chat_template.jinja"))
	switch {
	case err == nil:
		text = string(data)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("chat template: %w", err)
	case text == "":
		return nil, fmt.Errorf("%w: none in %s: neither chat_template.jinja nor chat_template in tokenizer_config.json", ErrTemplate, dir)
	}
	t, err := Parse(text, vars)
	if err != nil {
		return nil, fmt.Errorf("%w (of %s)", err, dir)
	}
	return t, nil
}

// readConfig returns the special tokens of a tokenizer_config.json, which may be absent, and its template.
func readConfig(path string) (vars map[string]any, text string, err error) {
	vars = map[string]any{}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return vars, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, "", fmt.Errorf("%w: tokenizer_config.json: %v", ErrTemplate, err)
	}
	for _, key := range []string{"bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"} {
		var token string
		var object struct{ Content string }
		if raw := file[key]; len(raw) == 0 || string(raw) == "null" {
			continue
		} else if json.Unmarshal(raw, &token) == nil {
			vars[key] = token
		} else if json.Unmarshal(raw, &object) == nil {
			vars[key] = object.Content
		}
	}
	raw := file["chat_template"]
	if len(raw) == 0 || string(raw) == "null" {
		return vars, "", nil
	}
	var list []struct{ Name, Template string }
	if json.Unmarshal(raw, &text) == nil {
		return vars, text, nil
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, "", fmt.Errorf("%w: tokenizer_config.json: chat_template: want a text or a list of them", ErrTemplate)
	}
	var names []string
	for _, t := range list {
		if t.Name == "default" {
			return vars, t.Template, nil
		}
		names = append(names, t.Name)
	}
	return nil, "", fmt.Errorf("%w: tokenizer_config.json: no default among the templates %q", ErrTemplate, names)
}

// Parse reads a template. vars are known to it in every rendering, such as "bos_token"; nil is none. Errors wrap
// ErrTemplate.
func Parse(text string, vars map[string]any) (t *Template, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("%w: %v", ErrTemplate, r)
		}
	}()
	c := config.New()
	c.TrimBlocks = true
	text = indent.ReplaceAllString(text, "$1$2")
	filters := exec.NewFilterSet(map[string]exec.FilterFunction{}).Update(builtins.Filters)
	if err := filters.Replace("tojson", toJSON); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrTemplate, err)
	}
	loader, err := loaders.NewMemoryLoader(map[string]string{"/chat": text})
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrTemplate, err)
	}
	context := exec.EmptyContext().Update(builtins.GlobalFunctions).Update(builtins.GlobalVariables)
	context.Set("raise_exception", raise)
	template, err := exec.NewTemplate("/chat", c, loader, &exec.Environment{
		Context: context, Filters: filters, Tests: builtins.Tests, ControlStructures: builtins.ControlStructures, Methods: builtins.Methods,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrTemplate, err)
	}
	return &Template{template, maps.Clone(vars)}, nil
}

// indent is white space that is alone before a block or comment on its line. It is dropped before the engine sees the
// template, for the engine would also drop white space after other text (its LeftStripBlocks).
var indent = regexp.MustCompile(`(?m)^[ \t]+(\{[%#])([^+])`)

// Render returns the text of a conversation. nil options mean none. Errors wrap ErrRender.
func (t *Template) Render(messages []Message, o *Options) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			text, err = "", fmt.Errorf("%w: %v", ErrRender, r)
		}
	}()
	if o == nil {
		o = &Options{}
	}
	context := map[string]any{}
	maps.Copy(context, t.vars)
	maps.Copy(context, o.Vars)
	list := make([]any, len(messages))
	for i, m := range messages {
		list[i] = map[string]any(m)
	}
	context["messages"], context["add_generation_prompt"] = list, o.GenerationPrompt
	if o.Tools != nil {
		context["tools"] = slices.Clone(o.Tools)
	}
	text, err = t.template.ExecuteToString(exec.NewContext(context))
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrRender, err)
	}
	return text, nil
}

// raise is raise_exception, by which templates refuse a conversation.
func raise(_ *exec.Evaluator, args *exec.VarArgs) (string, error) {
	if len(args.Args) == 0 {
		return "", errors.New("refused")
	}
	return "", errors.New(args.Args[0].String())
}
