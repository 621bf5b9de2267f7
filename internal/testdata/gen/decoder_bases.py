"""Makes tiny bases of decoders that the shared set of golden cases lacks. Their cases are lora_cases.py's.

    pip install torch==2.15.0 transformers==5.23.0
    python decoder_bases.py ../../pefttest/testdata/fixtures
"""
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

SMALL = dict(num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=24, vocab_size=31,
             max_position_embeddings=32, bos_token_id=0, pad_token_id=1, eos_token_id=2)
BASES = {
    "gemma2_lm": ("Gemma2ForCausalLM", dict(hidden_size=16, head_dim=6, query_pre_attn_scalar=7, sliding_window=4, attn_logit_softcapping=3.0,
                                            final_logit_softcapping=2.0)),
    "phi3_lm": ("Phi3ForCausalLM", dict(hidden_size=32, original_max_position_embeddings=32, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5))),
}
LENGTHS = [9, 7, 5]  # of the sequences, padded on the right


def make(root, name, cls, settings):
    torch.manual_seed(11)
    torch.set_num_threads(1)
    cls = getattr(transformers, cls)
    config = cls.config_class(**SMALL, **settings)
    model = cls(config).eval()
    for key, p in model.named_parameters():
        p.data = p.data + (0.05 if "norm" in key else 0.1) * torch.randn_like(p)
    folder = root / "bases" / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    ids = torch.randint(3, 31, (len(LENGTHS), max(LENGTHS)))
    mask = torch.tensor([[1] * n + [0] * (max(LENGTHS) - n) for n in LENGTHS])
    ids[mask == 0] = 1
    args = dict(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(mask == 0, -100))
    with torch.no_grad():
        out = model(**args)
    io = {f"in.{k}": v for k, v in args.items()}
    save_file({**io, "out.logits": out.logits.contiguous(), "out.loss": out.loss}, folder / "io.safetensors")
    print(name, json.dumps(transformers.__version__), out.loss.item())


if __name__ == "__main__":
    for name, (cls, settings) in BASES.items():
        make(pathlib.Path(sys.argv[1]), name, cls, settings)
