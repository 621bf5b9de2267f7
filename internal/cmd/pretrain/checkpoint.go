package main

import (
	"encoding/json"
	"io"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// checkpoint is what the folder holds beside the weights.
type checkpoint struct {
	tokenizer []byte
	config    []byte // as written, with the dropout that fine-tuning wants
	plain     []byte // the same without dropout, for text that never repeats
}

// config gives a config.json as transformers writes it for a BertForMaskedLM.
func config(vocab int, dropout float64) ([]byte, error) {
	raw, err := json.MarshalIndent(map[string]any{
		"architectures": []string{"BertForMaskedLM"}, "model_type": "bert", "torch_dtype": "bfloat16",
		"vocab_size": vocab, "hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 512,
		"max_position_embeddings": long, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
		"initializer_range": 0.02, "pad_token_id": 0, "position_embedding_type": "absolute",
		"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout,
	}, "", "  ")
	return append(raw, '\n'), err
}

// write publishes the folder, the weights in bfloat16.
func (c *checkpoint) write(dir string, values peft.Tensors) error {
	half := make(peft.Tensors, len(values))
	for name, t := range values {
		var err error
		if half[name], err = safetensors.Convert(t, dtypes.BFloat16); err != nil {
			return err
		}
	}
	about, err := json.MarshalIndent(map[string]any{
		"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": long,
		"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]",
	}, "", "  ")
	if err != nil {
		return err
	}
	plain := func(name string, raw []byte) atomicfile.Entry {
		return atomicfile.Entry{Name: name, Fill: func(w io.Writer) error { _, err := w.Write(raw); return err }}
	}
	return atomicfile.WriteDir(dir,
		plain("tokenizer.json", c.tokenizer), plain("tokenizer_config.json", append(about, '\n')),
		atomicfile.Entry{Name: "model.safetensors", Fill: func(w io.Writer) error { return safetensors.Encode(w, half, nil) }},
		plain("config.json", c.config))
}
