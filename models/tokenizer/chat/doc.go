// Package chat turns the messages of a conversation into the text that a chat model was trained on, by the Jinja
// template that comes with the model.
//
//	t, err := chat.Load("Llama-3.2-1B-Instruct")
//	text, err := t.Render([]chat.Message{{"role": "user", "content": "Hi!"}}, &chat.Options{GenerationPrompt: true})
//	encoding, err := tok.Encode(text, &tokenizer.Options{NoSpecialTokens: true}) // the template has put them
//
// Templates run in github.com/nikolalohinski/gonja, with the settings of transformers: blocks are trimmed, and there
// are tojson as Python's json.dumps writes and raise_exception. No template can read a file.
//
// # Differences from transformers
//
// Maps have no order in Go: tojson sorts their keys. What must keep its order, such as the arguments of a call or the
// description of a tool, is given as a json.RawMessage. An index right after a filter, as in (x | list)[-1], gives
// nothing, powers are floating-point numbers, and {% generation %}, {% break %}, {% continue %} and strftime_now are
// not there.
package chat
