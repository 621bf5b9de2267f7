package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// The sizes of TinyLlama 1.1B.
const vocab, hidden, inner, heads, groups = 32000, 2048, 5632, 32, 4

// write makes a transformers folder: a shard for each block and one for the rest.
func write(dir string, layers int) error {
	config, err := json.Marshal(map[string]any{
		"model_type": "llama", "architectures": []string{"LlamaForCausalLM"}, "vocab_size": vocab, "hidden_size": hidden,
		"intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": groups,
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644)
	}
	if err != nil {
		return err
	}
	places := map[string]string{}
	for shard := range layers + 1 {
		shapes, name := rest(), fmt.Sprintf("model-%05d-of-%05d.safetensors", shard+1, layers+1)
		if shard < layers {
			shapes = block(shard)
		}
		values := map[string]*tensors.Tensor{}
		for path, shape := range shapes {
			values[path], places[path] = random(shape), name
		}
		if err := safetensors.Write(filepath.Join(dir, name), values, nil); err != nil {
			return err
		}
	}
	index, err := json.Marshal(map[string]any{"metadata": map[string]any{}, "weight_map": places})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), index, 0o644)
}

func rest() map[string][]int {
	return map[string][]int{"model.embed_tokens.weight": {vocab, hidden}, "lm_head.weight": {vocab, hidden}, "model.norm.weight": {hidden}}
}

func block(i int) map[string][]int {
	at, keys := fmt.Sprintf("model.layers.%d.", i), hidden/heads*groups
	return map[string][]int{
		at + "input_layernorm.weight": {hidden}, at + "post_attention_layernorm.weight": {hidden},
		at + "self_attn.q_proj.weight": {hidden, hidden}, at + "self_attn.o_proj.weight": {hidden, hidden},
		at + "self_attn.k_proj.weight": {keys, hidden}, at + "self_attn.v_proj.weight": {keys, hidden},
		at + "mlp.gate_proj.weight": {inner, hidden}, at + "mlp.up_proj.weight": {inner, hidden}, at + "mlp.down_proj.weight": {hidden, inner},
	}
}

// random is a value around 0, where all are about as far away as in new weights.
func random(shape []int) *tensors.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	rnd, flat := rand.New(rand.NewPCG(uint64(n), 1)), make([]bfloat16.BFloat16, n)
	for i := range flat {
		flat[i] = bfloat16.FromFloat32(0.04*rnd.Float32() - 0.02)
	}
	return tensors.FromFlatDataAndDimensions(flat, shape...)
}

// sizeOf adds up the weights' files.
func sizeOf(dir string) (float64, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	total := 0.0
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		total += float64(info.Size())
	}
	return total, err
}
