"""Measures transformers' generate as models/generate's BenchmarkGenerate measures ours: a Llama of 160 M parameters with
random weights, 64 new tokens behind prompts of 32.

    python internal/testdata/gen/generation_speed.py [THREADS]

Made with torch 2.15 and transformers 5.23.
"""

import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

if len(sys.argv) > 1:
    torch.set_num_threads(int(sys.argv[1]))
config = LlamaConfig(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, vocab_size=32000,
                     max_position_embeddings=2048)
model = LlamaForCausalLM(config).eval()
for rows in (1, 8):
    ids = torch.randint(5, 31995, (rows, 32))
    mask = torch.ones_like(ids)

    def run(new):
        begin = time.perf_counter()
        model.generate(ids, attention_mask=mask, max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0, eos_token_id=2)
        return (time.perf_counter() - begin) * 1e3

    run(4)
    read = min(run(1) for _ in range(3))
    whole = [run(64) for _ in range(3)]
    print(f"batch{rows} read-ms {read:.1f} step-ms {(min(whole) - read) / 63:.2f} (median {(sorted(whole)[1] - read) / 63:.2f})")
