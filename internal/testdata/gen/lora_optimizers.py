"""Makes optim/testdata/lora.json: steps of HF PEFT's optimisers for LoRA.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python lora_optimizers.py ../../../optim/testdata/lora.json

A model of an embedding and linear maps has LoRA of several ranks and strengths, among them one of more rows than inputs, and a
trained head. Its gradients are drawn anew for each step, the same for all optimisers. A case has the values after some of the steps, under
the keys of the adapter's file.

create_lorafa_optimizer multiplies in bfloat16 where the machine has it. The cases named lorafa tell it that there is none; the one
named lorafa-bf16 is as it comes.
"""
import json
import sys

import peft
import peft.optimizers.lorafa
import torch
from peft import LoraConfig, get_peft_model
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer, create_riemannian_optimizer

STEPS, KEPT = 5, (1, 2, 5)
shapes, start, grads = {}, {}, []  # the same for all cases


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(7, 6)
        self.first = torch.nn.Linear(6, 5)
        self.narrow = torch.nn.Linear(3, 6)
        self.classifier = torch.nn.Linear(5, 2)


def model(**settings):
    torch.manual_seed(3)
    config = LoraConfig(r=4, lora_alpha=6, target_modules=["words", "first", "narrow"], modules_to_save=["classifier"],
                        rank_pattern={"words": 2}, **settings)
    m = get_peft_model(Model(), config)
    with torch.no_grad():
        for name, p in sorted(m.named_parameters()):
            if p.requires_grad:
                p.copy_(torch.randn(p.shape) * (0.3 if "lora" in name else 0.1))
    return m


def key(name):
    return name.replace(".default", "").replace(".modules_to_save", "")


def values(m, names):
    return {key(n): p.detach().flatten().tolist() for n, p in m.named_parameters() if n in names}


def follow(name, settings, args, make):
    m = model(**settings)
    names = [n for n, p in m.named_parameters() if p.requires_grad]
    shapes.update({key(n): list(p.shape) for n, p in m.named_parameters() if n in names})
    first = values(m, names)
    assert not start or start == first
    start.update(first)
    optimizer = make(m, **args)
    bases = [g["lr"] for g in optimizer.param_groups]
    noise = torch.Generator().manual_seed(11)
    path = {}
    for step in range(STEPS):
        optimizer.zero_grad()
        drawn = {}
        for n, p in m.named_parameters():
            if n in names:
                g = torch.randn(p.shape, generator=noise)
                drawn[key(n)] = g.flatten().tolist()
                if p.requires_grad:
                    p.grad = g.clone()
        if step == len(grads):
            grads.append(drawn)
        assert grads[step] == drawn
        if name.startswith("clipped"):
            torch.nn.utils.clip_grad_norm_([p for p in m.parameters() if p.requires_grad], 0.5)
        for group, base in zip(optimizer.param_groups, bases):
            group["lr"] = base * (1 - 0.1 * step)
        optimizer.step()
        if step + 1 in KEPT:
            path[step + 1] = values(m, names)
    return dict(name=name, settings=settings, args=args, path=path)


def lorafa(bf16=False):
    def make(m, **args):
        peft.optimizers.lorafa.is_bf16_available = (lambda: True) if bf16 else (lambda: False)
        return create_lorafa_optimizer(m, r=4, lora_alpha=6, **args)
    return make


plus = lambda cls: lambda m, **args: create_loraplus_optimizer(m, cls, **args)
riemannian = lambda cls: lambda m, **args: create_riemannian_optimizer(m, cls, **args)
AdamW, SGD, Adafactor = torch.optim.AdamW, torch.optim.SGD, torch.optim.Adafactor

cases = [
    follow("lorafa", {}, dict(lr=0.02), lorafa()),
    follow("lorafa", dict(use_rslora=True), dict(lr=0.02, weight_decay=0.3), lorafa()),
    follow("lorafa", dict(alpha_pattern={"first": 40, "words": 1}), dict(lr=0.02, weight_decay=0.1), lorafa()),
    follow("clipped lorafa", {}, dict(lr=0.02), lorafa()),
    follow("lorafa-bf16", {}, dict(lr=0.02), lorafa(bf16=True)),
    follow("loraplus adamw", {}, dict(lr=0.01, loraplus_lr_ratio=16), plus(AdamW)),
    follow("loraplus adamw", {}, dict(lr=0.01, loraplus_lr_ratio=4, loraplus_lr_embedding=0.003, loraplus_weight_decay=0.2), plus(AdamW)),
    follow("loraplus sgd", {}, dict(lr=0.01, loraplus_lr_ratio=3, momentum=0.9), plus(SGD)),
    follow("loraplus adafactor", {}, dict(lr=0.2, loraplus_lr_ratio=4), plus(Adafactor)),
    follow("riemannian adamw", {}, dict(lr=0.01, weight_decay=0.0), riemannian(AdamW)),
    follow("riemannian sgd", {}, dict(lr=0.01, reg=0.5, momentum=0.9), riemannian(SGD)),
]


def short(part):
    return {k: [float("%.8g" % x) for x in v] for k, v in part.items()}


with open(sys.argv[1], "w") as f:
    reference = "peft %s, torch %s" % (peft.__version__, torch.__version__.split("+")[0])
    for c in cases:
        c["path"] = {step: short(part) for step, part in c["path"].items()}
    top = dict(reference=reference, shapes=shapes, start=short(start), grads=[short(g) for g in grads])
    dump = lambda x: json.dumps(x, separators=(",", ":"))
    f.write(dump(top)[:-1] + ',"cases":[\n' + ",\n".join(map(dump, cases)) + "\n]}\n")
