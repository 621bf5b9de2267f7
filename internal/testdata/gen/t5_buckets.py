"""Makes models/t5/testdata/buckets.json: the buckets that transformers puts distances in.

    pip install torch==2.15.0 transformers==5.23.0
    python t5_buckets.py ../../../models/t5/testdata/buckets.json
"""
import json
import sys

import torch
from transformers.models.t5.modeling_t5 import T5Attention

rows = []
for buckets, farthest in [(32, 128), (8, 12), (4, 3), (64, 200), (20, 77), (10, 6), (128, 128)]:
    for both in (True, False):
        distances = torch.arange(-farthest - 5, farthest + 6)
        values = T5Attention._relative_position_bucket(distances, both, buckets, farthest)
        rows.append(dict(buckets=buckets, farthest=farthest, both=both, values=values.tolist()))
with open(sys.argv[1], "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")
