"""Makes models/testdata/spec_augment.json: how often transformers hides each frame of rows of some lengths, in 20000 draws.

    pip install torch==2.15.0 transformers==5.23.0
    python spec_augment.py > ../../../models/testdata/spec_augment.json
"""
import json

import numpy
import torch
from transformers.models.wav2vec2.modeling_wav2vec2 import _compute_mask_indices

FRAMES, LENGTHS, DRAWS = 20, [20, 13, 6, 3], 20000
numpy.random.seed(1)
cases = []
for prob, length, least in [(0.3, 4, 0), (0.1, 4, 2), (0.9, 3, 0)]:
    mask = torch.arange(FRAMES) < torch.tensor(LENGTHS)[:, None]
    total = sum(_compute_mask_indices(mask.shape, prob, length, mask, least).astype(int) for _ in range(DRAWS))
    cases.append(dict(prob=prob, length=length, least=least, lengths=LENGTHS, hidden=[(row[:n] / DRAWS).round(4).tolist() for row, n in zip(total, LENGTHS)]))
print("[" + ",\n".join(json.dumps(c) for c in cases) + "]")
