package chat_test

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer/chat"
)

func ExampleTemplate_Render() {
	t, err := chat.Parse("{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := t.Render([]chat.Message{{"role": "user", "content": "Hi!"}}, &chat.Options{GenerationPrompt: true})
	fmt.Println(text, err)
	// Output:
	// [user] Hi!
	// [assistant] <nil>
}
