"""Makes peft/train/testdata/continuing.json: what transformers makes of texts that a GPT-2 is to go on with. The base is
the golden case gpt2_lm, of 61 tokens, and the tokenizer one of a dozen words.

    pip install torch==2.15.0 transformers==5.23.0 tokenizers==0.23.3
    python continuing.py ../../pefttest/testdata/fixtures/bases/gpt2_lm > ../../../peft/train/testdata/continuing.json
"""
import json
import math
import sys

import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

SPECIAL = ["<s>", "<pad>", "</s>"]
VOCAB = {word: i for i, word in enumerate(SPECIAL + "the cat sat on a mat dog ran far is it good bad".split())}
TOKENIZER = {
    "added_tokens": [dict(id=VOCAB[t], content=t, special=True, single_word=False, lstrip=False, rstrip=False, normalized=False) for t in SPECIAL],
    "pre_tokenizer": {"type": "WhitespaceSplit"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {t: {"id": t, "ids": [VOCAB[t]], "tokens": [t]} for t in SPECIAL},
    },
    "model": {"type": "WordLevel", "vocab": VOCAB, "unk_token": "<pad>"},
}
EXAMPLES = [  # in which the random weights guess a token of a text and one of a label
    {"text": "far far the cat sat"},
    {"text": "the dog ran far is it", "label": "good"},
    {"text": "on it", "label": "it is a mat"},
]
LONGEST = 10

tok = Tokenizer.from_str(json.dumps(dict(TOKENIZER, version="1.0")))
model = GPT2LMHeadModel.from_pretrained(sys.argv[1]).eval()
rows = []
for ex in EXAMPLES:
    ids = tok.encode(ex["text"]).ids
    labels = list(ids)
    if "label" in ex:
        assert ids.pop() == VOCAB["</s>"]
        answer = tok.encode(ex["label"], add_special_tokens=False).ids + [VOCAB["</s>"]]
        ids, labels = ids + answer, [-100] * len(ids) + answer
    fill = LONGEST - len(ids)
    rows.append((ids + [VOCAB["<pad>"]] * fill, [1] * len(ids) + [0] * fill, labels + [-100] * fill))
ids, mask, labels = (torch.tensor(part) for part in zip(*rows))
with torch.no_grad():
    out = model(input_ids=ids, attention_mask=mask, labels=labels)
target, logits = labels[:, 1:], out.logits[:, :-1].double()
kept = target != -100
nll = -logits.log_softmax(-1)[kept].gather(-1, target[kept][:, None]).mean().item()
json.dump({
    "tokenizer": TOKENIZER, "examples": EXAMPLES, "length": LONGEST,
    "input_ids": ids.tolist(), "attention_mask": mask.tolist(), "labels": labels.tolist(),
    "loss": out.loss.item(), "perplexity": math.exp(nll), "accuracy": (logits.argmax(-1) == target)[kept].double().mean().item(),
}, sys.stdout)
print()
