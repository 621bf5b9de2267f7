"""Writes ../many.json: torch's optimisers with settings beside their defaults, over tensors of rank 1, 2 and 3.

The objective is the sum over all elements of weight/2 * (x - least)^2, whose gradient is weight * (x - least).
Made with torch 2.15.0; run it as `python many.py` in this folder.
"""
import json

import torch

torch.manual_seed(7)
SHAPES = {"bias": [4], "matrix": [3, 4], "stack": [2, 3, 2]}
start = {k: torch.randn(s) for k, s in SHAPES.items()}
least = {k: torch.randn(s) for k, s in SHAPES.items()}
weight = {k: torch.rand(s) * 3 + 0.1 for k, s in SHAPES.items()}
STEPS = 8

ROWS = [
    ("sgd", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}, 1.0),
    ("adamw", {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}, 0.5),
    ("adamw", {"lr": 0.05, "weight_decay": 0.0}, 1000.0),
    ("adamw", {"lr": 0.05}, 0.0),
    ("adamax", {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-3, "weight_decay": 0.1}, 0.0),
    ("nadam", {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-4, "weight_decay": 0.1, "momentum_decay": 0.05}, 0.0),
    ("radam", {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-4, "weight_decay": 0.1}, 0.0),
    ("adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-4, "weight_decay": 0.1}, 0.0),
    ("rmsprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-3, "momentum": 0.5, "weight_decay": 0.1}, 0.0),
    ("adadelta", {"lr": 2.0, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}, 0.0),
    ("adafactor", {"lr": 0.05}, 0.0),
    ("adafactor", {"lr": 0.6, "beta2_decay": -0.5, "eps": [0.8, 1.5], "d": 1.1, "weight_decay": 0.1}, 0.0),
]
CLASSES = {
    "sgd": torch.optim.SGD, "adamw": torch.optim.AdamW, "adamax": torch.optim.Adamax, "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta, "adafactor": torch.optim.Adafactor,
}


def follow(name, args, limit):
    params = {k: v.clone().requires_grad_() for k, v in start.items()}
    optimizer = CLASSES[name](list(params.values()), **args)
    path, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        sum((weight[k] / 2 * (p - least[k]) ** 2).sum() for k, p in params.items()).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(params.values(), limit or float("inf")).item())
        optimizer.step()
        path.append({k: p.detach().flatten().tolist() for k, p in params.items()})
    # Every step's norm, and the values after every other step: enough to see the first difference.
    return {"name": name, "args": args, "max_norm": limit, "norms": norms, "path": path[1::2]}


flat = lambda tensors: {k: v.flatten().tolist() for k, v in tensors.items()}
with open("../many.json", "w") as out:
    json.dump({
        "reference": "torch " + torch.__version__.split("+")[0], "shapes": SHAPES,
        "start": flat(start), "least": flat(least), "weight": flat(weight),
        "cases": [follow(*row) for row in ROWS],
    }, out)
    out.write("\n")
