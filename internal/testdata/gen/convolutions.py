"""Writes peft/seam/testdata/convolutions.safetensors: torch's convolutions over one to three axes and their gradients. A case is
named by its numbers, and its tensors after it: x, w, y, and the gradients gx and gw of the sum of y * v.

    pip install torch==2.15.0 safetensors numpy
    python internal/testdata/gen/convolutions.py peft/seam/testdata/convolutions.safetensors
"""

import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

CONV = [None, F.conv1d, F.conv2d, F.conv3d]
# Input and output channels, groups; then for each axis its length, kernel, stride, padding and dilation.
CASES = [
    (3, 4, 1, [(9, 3, 1, 1, 1)]),
    (3, 4, 1, [(9, 3, 2, 0, 1)]),
    (4, 6, 2, [(10, 4, 3, 2, 1)]),
    (4, 6, 2, [(11, 3, 2, 3, 2)]),
    (2, 3, 1, [(5, 2, 1, 4, 1)]),
    (3, 2, 1, [(10, 4, 4, 0, 1)]),
    (3, 4, 1, [(6, 3, 1, 1, 1), (5, 3, 1, 1, 1)]),
    (3, 4, 1, [(7, 3, 2, 1, 1), (8, 3, 2, 1, 1)]),
    (2, 3, 1, [(9, 7, 2, 3, 1), (8, 7, 2, 3, 1)]),
    (3, 4, 1, [(5, 1, 1, 0, 1), (4, 1, 1, 0, 1)]),
    (3, 4, 1, [(5, 1, 2, 0, 1), (6, 1, 2, 0, 1)]),
    (3, 4, 1, [(5, 1, 1, 1, 1), (4, 1, 2, 1, 1)]),
    (3, 4, 1, [(9, 2, 2, 0, 1), (9, 4, 4, 0, 1)]),
    (3, 4, 1, [(8, 3, 1, 2, 2), (9, 2, 1, 0, 3)]),
    (4, 6, 2, [(8, 3, 2, 1, 1), (7, 2, 1, 1, 1)]),
    (3, 6, 3, [(6, 3, 1, 1, 1), (6, 3, 1, 1, 1)]),
    (4, 4, 2, [(8, 1, 1, 0, 1), (6, 1, 3, 0, 1)]),
    (2, 3, 1, [(4, 2, 1, 0, 1), (4, 3, 1, 1, 1), (3, 2, 2, 1, 1)]),
    (2, 4, 2, [(4, 2, 2, 1, 1), (5, 2, 1, 0, 2), (3, 1, 1, 0, 1)]),
    (2, 3, 1, [(4, 2, 2, 0, 1), (4, 2, 2, 0, 1), (3, 1, 1, 0, 1)]),
    (2, 2, 2, [(68, 66, 1, 2, 1)]),
]  # fmt: skip
torch.manual_seed(7)
out = {}
for channels, features, groups, axes in CASES:
    size, kernel, stride, padding, dilation = map(list, zip(*axes))
    x = torch.randn(2, channels, *size).requires_grad_()
    w = (torch.randn(features, channels // groups, *kernel) / 2).requires_grad_()
    y = CONV[len(axes)](x, w, None, stride, padding, dilation, groups)
    v = torch.randn(y.shape)
    (y * v).sum().backward()
    name = ";".join(",".join(map(str, part)) for part in (stride, padding, dilation, [groups]))
    for kind, t in dict(x=x, w=w, y=y, v=v, gx=x.grad, gw=w.grad).items():
        out[f"{len(out) // 6:02d};{name};{kind}"] = t.detach().contiguous()
save_file(out, sys.argv[1])
