"""Writes ../encoded.json: batches as transformers' tokenizer makes them from ../tokenizer.json, and orders of an epoch.

Made with transformers 5.23.0 and tokenizers 0.23.3; run it as `python encoded.py` in this folder.
"""
import json

from transformers import PreTrainedTokenizerFast

NAMES = ["input_ids", "attention_mask", "token_type_ids"]
tok = PreTrainedTokenizerFast(tokenizer_file="../tokenizer.json", model_input_names=NAMES,
                              pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]")
TEXTS = ["Hello, world!", "a", "", "Where is my parcel? It should have been here yesterday.", "leading and trailing"]
PAIRS = ["the second", "It should have been here on Tuesday, or so I was told.", "b", "", "and others, too"]


def batch(texts, pairs, limit, length):
    out = tok(texts, pairs, truncation="longest_first" if limit else False, max_length=limit or None)
    out = tok.pad(out, padding="max_length", max_length=length)
    return {"texts": texts, "pairs": pairs, "limit": limit, "length": length, **{n: out[n] for n in NAMES}}


BATCHES = [
    batch(TEXTS[:2], None, 0, 16),   # the smallest bucket
    batch(TEXTS, None, 0, 32),       # the next power of two
    batch(TEXTS, None, 8, 8),        # cut, and padded to the limit
    batch(TEXTS, PAIRS, 0, 32),
    batch(TEXTS, PAIRS, 20, 20),
]


def order(n, seed, epoch):
    """Fisher-Yates on PCG-DXSM (128-bit LCG with PCG's default constants), numbers below n by Lemire's method."""
    mask = (1 << 64) - 1
    state = seed << 64 | epoch

    def draw():
        nonlocal state
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + 0x5851F42D4C957F2D14057B7EF767814F) % (1 << 128)
        hi, lo = state >> 64, state & mask
        hi ^= hi >> 32
        hi = hi * 0xDA942042E4DD58B5 & mask
        hi ^= hi >> 48
        return hi * (lo | 1) & mask

    out = list(range(n))
    for i in range(n - 1, 0, -1):
        while True:
            product = draw() * (i + 1)
            if product & mask >= (1 << 64) % (i + 1):
                break
        j = product >> 64
        out[i], out[j] = out[j], out[i]
    return out


ORDERS = [{"n": n, "seed": s, "epoch": e, "order": order(n, s, e)}
          for n, s, e in [(1, 0, 0), (10, 0, 0), (10, 0, 1), (10, 1, 0), (33, (1 << 64) - 1, 7)]]

with open("../encoded.json", "w") as f:
    json.dump({"batches": BATCHES, "orders": ORDERS}, f)
