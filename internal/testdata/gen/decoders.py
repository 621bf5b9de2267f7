"""Makes models/testdata/decoders.json: what transformers computes on tiny decoders under options that the golden
bases leave at their defaults. Weights are a formula (see weight), so that none are stored.

    pip install torch==2.15.0 transformers==5.23.0
    python decoders.py ../../../models/testdata/decoders.json
"""
import json
import math
import sys

import torch
import transformers

IDS = [[3, 9, 4, 4, 7, 10, 1, 1], [5, 2, 8, 6, 3, 3, 9, 2]]
LABELS = [[3, 9, 4, 4, 7, 10, -100, -100], [-100, 2, 8, 6, 3, 3, 9, 2]]
RIGHT = [[1, 1, 1, 1, 1, 1, 0, 0], [1] * 8]
LEFT = [[1] * 8, [0, 0, 0, 1, 1, 1, 1, 1]]

SMALL = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=12,
             vocab_size=11, max_position_embeddings=16, pad_token_id=1)
GPT2 = dict(n_embd=16, n_layer=2, n_head=4, vocab_size=11, n_positions=16, pad_token_id=1, resid_pdrop=0, embd_pdrop=0,
            attn_pdrop=0)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)

GEMMA2 = dict(head_dim=6, query_pre_attn_scalar=5, sliding_window=3)


def rope(**more):
    return dict(head_dim=16, rope_parameters=dict(dict(rope_theta=100.0), **more))


def long(trained, inside={}, **more):
    """A Phi-3 for 16 positions of which it was trained on some."""
    scaling = dict(rope_theta=100.0, rope_type="longrope", short_factor=[1.0, 1.5, 2.0, 2.5], long_factor=[2.0, 3.0, 4.0, 5.0])
    return dict(dict(hidden_size=32, original_max_position_embeddings=trained, rope_parameters=dict(scaling, **inside)), **more)


# name: class, config, mask (None is none)
CASES = {
    "llama linear": ("LlamaForCausalLM", rope(rope_type="linear", factor=2.0), RIGHT),
    "llama dynamic, within": ("LlamaForCausalLM", rope(rope_type="dynamic", factor=2.0), RIGHT),
    "llama dynamic, beyond": ("LlamaForCausalLM", dict(rope(rope_type="dynamic", factor=2.0), max_position_embeddings=6), RIGHT),
    "llama3": ("LlamaForCausalLM", rope(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                        original_max_position_embeddings=64), RIGHT),
    "llama yarn": ("LlamaForCausalLM", rope(**YARN), RIGHT),
    "llama yarn, not truncated": ("LlamaForCausalLM", rope(**dict(YARN, original_max_position_embeddings=64, truncate=False, beta_fast=2.0, beta_slow=0.5)), RIGHT),
    "llama yarn, attention factor": ("LlamaForCausalLM", rope(**YARN, attention_factor=0.7), None),
    "llama yarn, mscale": ("LlamaForCausalLM", rope(**YARN, mscale=0.7, mscale_all_dim=1.3), None),
    "llama biases": ("LlamaForCausalLM", dict(attention_bias=True, mlp_bias=True), RIGHT),
    "llama tied": ("LlamaForCausalLM", dict(tie_word_embeddings=True), None),
    "llama, own head width": ("LlamaForCausalLM", dict(head_dim=6, hidden_act="gelu"), None),
    "llama, a group for each head": ("LlamaForCausalLM", dict(num_key_value_heads=None), None),
    "llama, padded left": ("LlamaForCausalLM", {}, LEFT),
    "llama, no mask": ("LlamaModel", {}, None),
    "llama classes": ("LlamaForSequenceClassification", dict(num_labels=3), RIGHT),
    "llama classes, padded left": ("LlamaForSequenceClassification", dict(num_labels=3), LEFT),
    "llama regression": ("LlamaForSequenceClassification", dict(num_labels=1), RIGHT),
    "mistral, no window": ("MistralForCausalLM", dict(sliding_window=None), RIGHT),
    "mistral, window, padded left": ("MistralForCausalLM", dict(sliding_window=2), LEFT),
    "mistral classes": ("MistralForSequenceClassification", dict(num_labels=2, sliding_window=3), RIGHT),
    "qwen2, window from a layer on": ("Qwen2ForCausalLM", dict(use_sliding_window=True, sliding_window=3, max_window_layers=1), RIGHT),
    "qwen2, window by layer": ("Qwen2ForCausalLM", dict(use_sliding_window=True, sliding_window=2, tie_word_embeddings=True,
                                                        layer_types=["sliding_attention", "full_attention"]), RIGHT),
    "qwen2 classes": ("Qwen2ForSequenceClassification", dict(num_labels=2), RIGHT),
    "qwen3, window and bias": ("Qwen3ForCausalLM", dict(head_dim=6, attention_bias=True, use_sliding_window=True, sliding_window=3,
                                                        max_window_layers=1), RIGHT),
    "qwen3 classes": ("Qwen3ForSequenceClassification", dict(head_dim=6, num_labels=2), LEFT),
    "gemma2": ("Gemma2ForCausalLM", dict(GEMMA2), RIGHT),
    "gemma2, padded left, caps that bite": ("Gemma2ForCausalLM", dict(GEMMA2, attn_logit_softcapping=0.5, final_logit_softcapping=0.7), LEFT),
    "gemma2, no caps, biases, windows": ("Gemma2ForCausalLM", dict(GEMMA2, attn_logit_softcapping=None, final_logit_softcapping=None, attention_bias=True,
                                         layer_types=["full_attention", "sliding_attention"], tie_word_embeddings=False), LEFT),
    "gemma2 bare": ("Gemma2Model", dict(GEMMA2, hidden_activation="silu"), RIGHT),
    "gemma2 classes": ("Gemma2ForSequenceClassification", dict(GEMMA2, num_labels=3), RIGHT),
    "phi3": ("Phi3ForCausalLM", {}, RIGHT),
    "phi3, partial": ("Phi3ForCausalLM", dict(hidden_size=32, rope_parameters=dict(rope_theta=100.0, partial_rotary_factor=0.5)), RIGHT),
    "phi3, short": ("Phi3ForCausalLM", long(8), RIGHT),
    "phi3, long": ("Phi3ForCausalLM", long(6), RIGHT),
    "phi3, long and partial, window, tied": ("Phi3ForCausalLM", long(6, dict(partial_rotary_factor=0.5), hidden_size=64, sliding_window=3,
                                                                      tie_word_embeddings=True), LEFT),
    "llama longrope": ("LlamaForCausalLM", rope(rope_type="longrope", factor=4.0, original_max_position_embeddings=6,
                                                short_factor=[1.0] * 8, long_factor=[1.0 + i for i in range(8)]), RIGHT),
    "phi3 classes": ("Phi3ForSequenceClassification", dict(num_labels=2), RIGHT),
    "gpt2 scales": ("GPT2LMHeadModel", dict(scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False), RIGHT),
    "gpt2, untied, relu": ("GPT2LMHeadModel", dict(tie_word_embeddings=False, activation_function="relu", n_inner=20), RIGHT),
    "gpt2, padded left": ("GPT2LMHeadModel", dict(reorder_and_upcast_attn=True), LEFT),
    "gpt2 bare": ("GPT2Model", {}, None),
    "gpt2 classes": ("GPT2ForSequenceClassification", dict(num_labels=3), RIGHT),
}


def weight(name, i, less_one):
    """The i-th element of a value, in the order of its file: around 0, or around 1 for a norm's weight that isn't kept less 1."""
    v = 0.5 * math.sin(0.37 * i + sum(map(ord, name)) % 97)
    return 1 + v if not less_one and "norm.weight" in name or "ln_" in name and name.endswith(".weight") else v


def case(cls, more, mask):
    cls = getattr(transformers, cls)
    base = GPT2 if cls.__name__.startswith("GPT2") else SMALL
    config = cls.config_class(**dict(base, **more))
    model = cls(config).eval()
    shapes, tied = {}, dict(model.named_parameters())
    for name, p in tied.items():
        shapes[name] = list(p.shape)
        flat = torch.tensor([weight(name, i, config.model_type == "gemma2") for i in range(p.numel())], dtype=torch.float64)
        p.data = flat.view(p.shape).float()
    model.tie_weights()
    args = dict(input_ids=torch.tensor(IDS))
    if mask:
        args["attention_mask"] = torch.tensor(mask)
    head = cls.__name__
    if "Classification" in head:
        args["labels"] = torch.tensor([0.5, -1.0]) if config.num_labels == 1 else torch.tensor([1, 0])
    elif "CausalLM" in head or "LMHead" in head:
        args["labels"] = torch.tensor(LABELS)
    with torch.no_grad():
        out = model(**args)
    # What equals the class's default is left out, and so is layer_types, which it works out: readers have to as well.
    default = cls.config_class().to_dict()
    raw = {k: v for k, v in config.to_diff_dict().items() if k not in default or v != default[k]}
    raw.pop("layer_types", None)
    raw.update(more, architectures=[head], model_type=config.model_type)
    return dict(
        config=raw, shapes=shapes, inputs={k: v.tolist() for k, v in args.items()},
        outputs={k: [float(f"{x:.7g}") for x in out[k].flatten().tolist()] for k in ("logits", "last_hidden_state", "loss") if k in out},
    )


if __name__ == "__main__":
    rows = {name: case(*c) for name, c in CASES.items()}
    with open(sys.argv[1], "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in rows.items()) + "\n}\n")
