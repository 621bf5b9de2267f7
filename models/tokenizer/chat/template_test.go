package chat

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// call keeps the arguments of a tool call in their order.
type call struct {
	Function struct {
		Name      string
		Arguments json.RawMessage
	}
}

// TestRender holds templates to what transformers makes of them, by internal/testdata/gen/chat_templates.py.
func TestRender(t *testing.T) {
	var golden []struct {
		Name, Template, Want string
		Messages             []Message
		Prompt               bool
	}
	data, err := os.ReadFile("testdata/chat.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &golden))
	require.NotEmpty(t, golden)
	for _, c := range golden {
		for _, m := range c.Messages {
			if raw, ok := m["tool_calls"]; ok {
				text, err := json.Marshal(raw)
				require.NoError(t, err)
				var calls []call
				require.NoError(t, json.Unmarshal(text, &calls))
				m["tool_calls"] = []any{map[string]any{"function": map[string]any{
					"name": calls[0].Function.Name, "arguments": json.RawMessage(`{"b": 1, "a": ["ü",2.5,null,"<>"]}`),
				}}}
			}
		}
		tmpl, err := Parse(c.Template, map[string]any{"bos_token": "<s>", "eos_token": "</s>"})
		require.NoError(t, err, c.Name)
		got, err := tmpl.Render(c.Messages, &Options{GenerationPrompt: c.Prompt})
		require.NoError(t, err, c.Name)
		require.Equal(t, c.Want, got, c.Name)
	}
}

func TestRefused(t *testing.T) {
	tmpl, err := Parse("{{ raise_exception('no ' ~ messages[0].role) }}", nil)
	require.NoError(t, err)
	_, err = tmpl.Render([]Message{{"role": "tool"}}, nil)
	require.ErrorIs(t, err, ErrRender)
	require.ErrorContains(t, err, "no tool")
	for _, bad := range []string{"{% if %}", "{{ x", "{% for x in y %}"} {
		_, err = Parse(bad, nil)
		require.ErrorIs(t, err, ErrTemplate, bad)
	}
	tmpl, err = Parse("{% include '/etc/hostname' %}", nil)
	if err == nil {
		_, err = tmpl.Render(nil, nil)
	}
	require.Error(t, err, "a template must not read files")
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(dir)
	require.ErrorIs(t, err, ErrTemplate)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("tokenizer_config.json", `{"bos_token": {"content": "<b>"}, "eos_token": "<e>", "chat_template": [
		{"name": "tool_use", "template": "x"}, {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"}]}`)
	tmpl, err := Load(dir)
	require.NoError(t, err)
	got, err := tmpl.Render([]Message{{"role": "user", "content": "hi"}}, nil)
	require.NoError(t, err)
	require.Equal(t, "<b>hi<e>", got)
	write("chat_template.jinja", "{{ messages | length }}{{ bos_token }}")
	tmpl, err = Load(dir)
	require.NoError(t, err)
	got, err = tmpl.Render([]Message{{}, {}}, nil)
	require.NoError(t, err)
	require.Equal(t, "2<b>", got)
	write("tokenizer_config.json", `{"chat_template": [{"name": "rag", "template": "x"}]}`)
	_, err = Load(dir)
	require.ErrorContains(t, err, `no default among the templates ["rag"]`)
	require.NotErrorIs(t, err, fs.ErrNotExist)
}
