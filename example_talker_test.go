package gopeft_test

import (
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/models"
)

// talker makes a folder with a small decoder that has random weights, and with its tokenizer. done removes it.
func talker() (dir string, done func(), err error) {
	raw, err := os.ReadFile("models/tokenizer/testdata/bytelevel/tokenizer.json")
	if err != nil {
		return "", nil, err
	}
	parent, err := os.MkdirTemp("", "talker-")
	if err != nil {
		return "", nil, err
	}
	done = func() { os.RemoveAll(parent) }
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 32, "num_hidden_layers": 1,
		"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 64, "vocab_size": 701, "max_position_embeddings": 64, "eos_token_id": 0}`))
	if err == nil {
		dir = filepath.Join(parent, "talker")
		err = backbone.Save(dir)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644)
	}
	if err == nil { // which also pads a batch
		err = os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), []byte(`{"eos_token": "<|endoftext|>"}`), 0o644)
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return dir, done, nil
}
