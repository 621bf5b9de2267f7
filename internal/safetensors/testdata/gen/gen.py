"""Writes ../dtypes.safetensors and ../floats.safetensors with HF's own writer.

pip install safetensors==0.8.0 numpy==2.4.6 ml_dtypes==0.6.0; python gen.py

dtypes: every supported dtype, a scalar, empty tensors, names that need escapes.
floats: values in one float dtype beside numpy's conversions of them to the others
("f32.f16" is "f32" as binary16). float64 goes to 16 bits by way of float32, as in
torch; NaNs are left out, because their payloads are not defined.
"""

import pathlib
import warnings

import ml_dtypes
import numpy as np
from safetensors.numpy import save

HERE = pathlib.Path(__file__).parent.parent
NAMES = "float64 float32 float16 bfloat16 uint64 uint32 uint16 uint8 int64 int32 int16 int8 bool".split()


def dtypes():
    arrays = {}
    for i, name in enumerate(NAMES):
        dtype = getattr(ml_dtypes, name) if name == "bfloat16" else np.dtype(name)
        arrays[f"z{i}.{name}"] = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
        arrays[f"{name}.a"] = np.array([1, 0]).astype(dtype)
    arrays["scalar"] = np.array(-2.5, np.float32)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    arrays["empty.int"] = np.zeros((2, 0), np.int64)
    arrays['quote" back\\slash /\b\f\n\r\t\x01\x1f\x7f'] = np.array([7], np.int16)
    arrays["größe.\u2028.\u2029.<&>.\U0001f600"] = np.array([8], np.int16)
    arrays["non.finite"] = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
    (HERE / "dtypes.safetensors").write_bytes(save(arrays, {"format": "pt"}))


def floats():
    rng = np.random.default_rng(1)
    half = rng.integers(0, 1 << 16, 200, dtype=np.uint16)
    # Exponents around the ends of binary16, just below, at and above the middle of two neighbours.
    bits = []
    for exponent in [*range(100, 116), 127, *range(140, 145)]:
        for mantissa in (0, 0x0FFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x7FFF, 0x8000, 0x8001, 0x18000, 0x7FFFFF):
            bits.append(exponent << 23 | mantissa)
    bits += list(rng.integers(0, 1 << 32, 100))
    f32 = np.array(bits, np.uint32).view(np.float32)
    f32 = np.concatenate([f32, -f32, np.float32([0.0, -0.0, np.inf, -np.inf, 65504, 65519.996, 65520, 3.4e38, 1e-45])])
    f64 = np.concatenate([f32[::9].astype(np.float64) * (1 + 2.0**-29), np.float64([1e300, -1e300, 1e-300, np.pi])])
    sources = {
        "f16": half.view(np.float16),
        "bf16": half.view(ml_dtypes.bfloat16),
        "f32": f32,
        "f64": f64,
    }
    targets = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64}
    arrays = {}
    for name, a in sources.items():
        a = a[~np.isnan(a.astype(np.float64))]
        arrays[name] = a
        for to, dtype in targets.items():
            if to == name:
                continue
            via = a.astype(np.float32) if to in ("f16", "bf16") else a
            arrays[f"{name}.{to}"] = via.astype(dtype)
    (HERE / "floats.safetensors").write_bytes(save(arrays))


warnings.simplefilter("ignore")  # overflow to infinity is meant
dtypes()
floats()
