"""Makes peft/train/testdata/lora_optimizers.json: losses and norms of training steps by HF PEFT's optimisers for LoRA, on adapters
of the golden cases, with gradients clipped.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python lora_trajectories.py ../../pefttest/testdata/fixtures ../../../peft/train/testdata/lora_optimizers.json

create_lorafa_optimizer is told that the machine has no bfloat16, in which it would multiply.
"""
import json
import pathlib
import sys

import peft.optimizers.lorafa
import torch
import transformers
from peft import PeftModel
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer, create_riemannian_optimizer
from safetensors.torch import load_file

STEPS, MAX_NORM = 5, 0.5
root = pathlib.Path(sys.argv[1])
peft.optimizers.lorafa.is_bf16_available = lambda: False
AdamW = torch.optim.AdamW
CASES = [
    ("lorafa", "lora", dict(lr=0.01, weight_decay=0.1), lambda m, **a: create_lorafa_optimizer(m, r=4, lora_alpha=8, **a)),
    ("lorafa", "lora-rslora", dict(lr=0.01), lambda m, **a: create_lorafa_optimizer(m, r=4, lora_alpha=8, **a)),
    ("lorafa", "lora-embedding", dict(lr=0.01), lambda m, **a: create_lorafa_optimizer(m, r=4, lora_alpha=8, **a)),
    ("loraplus", "lora", dict(lr=0.001, loraplus_lr_ratio=8), lambda m, **a: create_loraplus_optimizer(m, AdamW, **a)),
    ("loraplus", "lora-embedding", dict(lr=0.001, loraplus_lr_ratio=8, loraplus_lr_embedding=0.01), lambda m, **a: create_loraplus_optimizer(m, AdamW, **a)),
    ("riemannian", "lora", dict(lr=0.01, weight_decay=0.0), lambda m, **a: create_riemannian_optimizer(m, AdamW, **a)),
]


def follow(name, case, args, make):
    torch.manual_seed(7)
    torch.set_num_threads(1)
    base = transformers.AutoModelForSequenceClassification.from_pretrained(root / "bases" / "bert_seqcls")
    model = PeftModel.from_pretrained(base, root / "cases" / "bert_seqcls" / case, is_trainable=True).eval()
    batch = {k[3:]: v for k, v in load_file(root / "bases" / "bert_seqcls" / "io.safetensors").items() if k.startswith("in.")}
    optimizer = make(model, **args)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], MAX_NORM).item())
        optimizer.step()
        losses.append(loss.item())
    losses.append(model(**batch).loss.item())
    return dict(name=name, case=case, alpha=model.peft_config["default"].lora_alpha, rslora=model.peft_config["default"].use_rslora,
                args=args, losses=losses, norms=norms)


with open(sys.argv[2], "w") as f:
    rows = ",\n".join(json.dumps(follow(*c)) for c in CASES)
    f.write('{"reference": "peft %s, torch %s", "max_norm": %s, "cases": [\n%s\n]}\n' % (peft.__version__, torch.__version__.split("+")[0], MAX_NORM, rows))
