"""Makes models/arch/testdata/ctc.json: torch's CTC loss and its gradient by the logits, in float64 and so to all digits.
Labels that are -100 or the blank are left out, as transformers 5.23 does.

    pip install torch==2.15.0
    python ctc.py > ../../../models/arch/testdata/ctc.json
"""
import json

import torch
from torch.nn.functional import ctc_loss

CASES = {  # name: (classes, blank, lengths, labels, loud)
    "plain": (5, 0, [6, 6], [[1, 2, 3], [4, 1, 2]], 1),
    "repeats": (4, 0, [7, 7], [[1, 1, 2], [3, 3, 3]], 1),
    "repeats that just fit": (4, 0, [5, 3], [[1, 1, 1], [1, 2, 3]], 1),
    "padding": (5, 2, [6, 4], [[-100, 1, 2, 1, -100], [3, -100, -100, -100, 2]], 1),
    "no labels": (4, 0, [5, 3], [[-100, -100], [0, -100]], 1),
    "some without labels": (4, 3, [5, 5, 1], [[-100, -100], [1, 2], [0, -100]], 1),
    "one frame": (3, 0, [1], [[2]], 1),
    "too long": (4, 0, [4, 2, 3], [[1, 2, 1], [1, 2, 3], [2, 2, -100]], 1),
    "loud": (5, 4, [9, 8], [[0, 1, 1, 2], [3, 0, -100, -100]], 30),
    "many": (7, 0, [40, 25], [[1, 2, 3, 3, 4, 5, 6, 1, 1, 2], [6, 5, 4, -100, -100, 3, 3, 3, -100, -100]], 1),
}  # fmt: skip


def run(logits, reduction, zero):
    x = logits.double().requires_grad_()
    kept = [[v for v in row if v not in (-100, blank)] for row in labels]
    targets, counts = torch.tensor(sum(kept, [])), torch.tensor([len(row) for row in kept])
    loss = ctc_loss(x.log_softmax(-1).transpose(0, 1), targets, torch.tensor(lengths), counts, blank, reduction, zero)
    loss.backward()
    return loss.item(), [round(v, 8) for v in x.grad.flatten().tolist()]


rows = []
torch.manual_seed(3)
for name, (classes, blank, lengths, labels, loud) in CASES.items():
    steps = torch.randn(len(labels), max(lengths), classes).mul(loud * 64).round().to(int)  # in 64ths, which are exact
    row = dict(name=name, blank=blank, lengths=lengths, labels=labels, classes=classes, logits64=steps.flatten().tolist())
    for reduction in ("sum", "mean"):
        loss, grad = run(steps / 64, reduction, False)
        possible = loss != float("inf")
        assert not possible or (loss, grad) == run(steps / 64, reduction, True)
        loss, grad = run(steps / 64, reduction, True)
        row |= {"possible": possible, reduction: dict(loss=loss, grad=grad)}
    rows.append(row)
print("[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]")
