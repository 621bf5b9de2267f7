"""Make the files of WaveFT's wavelets.

    python wavelets.py ../../spectral/filters.txt ../../../lora/waveft/testdata/updates.json    # PyWavelets 1.8.0, peft 0.21.2

filters.txt: a line is a wavelet that HF PEFT's WaveFT names and its synthesis low-pass filter. They are PyWavelets' but for
coif4: HF PEFT computes with other numbers under that name, which are no wavelet's (the squares add up to 1.0099), and files
that name it mean those.

updates.json: what HF PEFT makes of the values 1, 2, 3... at targets of odd widths and others.
"""

import json
import sys

import pywt
import torch
from peft import WaveFTConfig
from peft.tuners.waveft.constants import WAVELET_REDUCTIONS
from peft.tuners.waveft.layer import WaveFTLinear
from peft.tuners.waveft.wavelet import Wavelet

with open(sys.argv[1], "w") as out:
    for name in WAVELET_REDUCTIONS:
        filter = Wavelet(name).rec_lo if name == "coif4" else pywt.Wavelet(name).rec_lo
        print(name, *(f"{v:.10g}" for v in filter), file=out)

cases = []
for rows, columns, wave, n in [(5, 7, "db2", 35), (9, 6, "sym3", 11), (33, 40, "db10", 20), (70, 3, "coif4", 20), (1, 1, "db1", 1), (2, 1, "coif2", 2)]:
    config = WaveFTConfig(n_frequency=n, wavelet_family=wave, random_loc_seed=n, scaling=2.0)
    layer = WaveFTLinear(torch.nn.Linear(columns, rows), "default", config, n_frequency=n)
    layer.waveft_spectrum["default"].data = torch.arange(1.0, n + 1)
    update = layer.get_delta_weight("default").detach()
    assert update.shape == (rows, columns)
    cases.append({"rows": rows, "columns": columns, "wave": wave, "n": n, "update": [round(v, 6) for v in update.flatten().tolist()]})
with open(sys.argv[2], "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
