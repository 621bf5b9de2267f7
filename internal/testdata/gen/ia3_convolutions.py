"""Writes ia3/testdata/convolutions.{json,safetensors}: HF PEFT's (IA)^3 on a convolution over two or three axes. A case's
tensors are the frozen weight and bias, an input x, the output y, the gradients of the sum of y * v, the weight and bias
after merging, where HF PEFT can, and the adapter under the keys of its file.

    pip install torch==2.15.0 peft==0.21.2 safetensors
    python internal/testdata/gen/ia3_convolutions.py ia3/testdata/convolutions
"""

import json
import sys
import warnings

import torch
from peft import IA3Config, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
CONV = [None, torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d]
# Input and output channels, the input's lengths, the convolution's arguments, feedforward_modules.
CASES = {
    "2d": (3, 4, [7, 6], dict(kernel_size=3, padding=1, stride=2), []),
    "2d, input": (3, 4, [6, 5], dict(kernel_size=(3, 2), padding=(1, 0)), ["conv"]),
    "2d, point, no bias": (3, 4, [5, 4], dict(kernel_size=1, stride=2, bias=False), []),
    "2d, groups": (4, 6, [5, 4], dict(kernel_size=2, groups=2), []),
    "2d, groups, input": (4, 6, [5, 4], dict(kernel_size=2, groups=2), ["conv"]),
    "3d": (2, 3, [4, 3, 4], dict(kernel_size=(2, 1, 3), padding=(0, 0, 1)), []),
    "3d, input": (2, 3, [4, 4, 3], dict(kernel_size=2, stride=(2, 1, 1)), ["conv"]),
}


class Toy(torch.nn.Module):
    def __init__(self, axes, *size, **arguments):
        super().__init__()
        self.conv = CONV[axes](*size, **arguments)

    def forward(self, x):
        return self.conv(x)


torch.manual_seed(3)
tensors, cases = {}, {}
for name, (channels, features, lengths, arguments, settings) in CASES.items():
    toy = Toy(len(lengths), channels, features, **arguments)
    frozen = {k: v.detach().clone() for k, v in toy.conv.named_parameters()}
    conv = toy.conv
    cases[name] = dict(
        stride=conv.stride, padding=conv.padding, groups=conv.groups,
        config=dict(peft_type="IA3", target_modules=["conv"], feedforward_modules=settings))
    model = get_peft_model(toy, IA3Config(target_modules=["conv"], feedforward_modules=settings)).eval()
    trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for p in trained.values():
            p.add_(torch.randn_like(p) * 0.3)
    x = torch.randn(2, channels, *lengths)
    y = model(x)
    v = torch.randn(y.shape)
    (y * v).sum().backward()
    key = lambda k: k.replace(".default", "")
    out = frozen | dict(x=x, y=y, v=v)
    out |= {"adapter." + k: t.clone() for k, t in get_peft_model_state_dict(model).items()}
    out |= {"grad." + key(k): p.grad for k, p in trained.items()}
    if conv.groups == 1 or not settings:
        out |= {"merged." + k: p for k, p in model.merge_and_unload().conv.named_parameters()}
    tensors |= {f"{name}/{k}": t.detach().contiguous() for k, t in out.items()}
save_file(tensors, sys.argv[1] + ".safetensors")
with open(sys.argv[1] + ".json", "w") as f:
    json.dump(cases, f, indent=1)
    f.write("\n")
