"""Writes models/preprocess/testdata/audio: short WAV files of every encoding that is read, cases.json with configs of
Wav2Vec2FeatureExtractor, and in audio.safetensors what soundfile reads (read.FILE), what torchaudio's resample makes of a
sound (rate.FROM.TO) and what the extractor makes of files that were read, averaged and resampled by these (CASE.NAME).
Made with transformers 5.23.0, soundfile 0.14.0 (libsndfile 1.2.2), torchaudio 2.11.0 and torch 2.15.0; run it as
`python audio_extractors.py` here.
"""
import json, pathlib, shutil, struct, sys, types

# torchaudio's compiled part wants another torch; the resampling is plain torch.
missing = types.ModuleType("torchaudio._extension")
missing.__file__ = __file__
missing.__getattr__ = lambda name: False if name.startswith("_IS") else lambda f: f
sys.modules[missing.__name__] = missing

import numpy as np, soundfile, torch
from safetensors.torch import save_file
from torchaudio.functional import resample
from transformers import Wav2Vec2FeatureExtractor

OUT = pathlib.Path("../../../models/preprocess/testdata/audio")
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)
rng = np.random.default_rng(4)


def sound(samples, channels=1):
    t = np.arange(samples)[:, None]
    a = 0.6 * np.sin(t / (4 + np.arange(channels)) + 0.01 * t**1.3) + rng.normal(0, 0.08, (samples, channels))
    return np.clip(a, -1, 0.9999)


FILES = {
    "u8.wav": (90, 1, 8000, "PCM_U8", "WAV"),
    "s16.wav": (141, 1, 16000, "PCM_16", "WAV"),
    "s24stereo.wav": (101, 2, 44100, "PCM_24", "WAV"),
    "s32.wav": (60, 1, 22050, "PCM_32", "WAV"),
    "f32three.wav": (77, 3, 48000, "FLOAT", "WAV"),
    "f64.wav": (50, 1, 11025, "DOUBLE", "WAV"),
    "extensible24.wav": (64, 2, 16000, "PCM_24", "WAVEX"),
    "extensiblefloat.wav": (40, 1, 16000, "FLOAT", "WAVEX"),
}
tensors = {}
for name, (samples, channels, rate, subtype, kind) in FILES.items():
    soundfile.write(OUT / name, sound(samples, channels), rate, subtype=subtype, format=kind)
# A chunk of odd length in front of the samples, and one behind.
whole = (OUT / "s16.wav").read_bytes()
chunk = b"note" + struct.pack("<I", 5) + b"hello\0"
at = whole.index(b"data")
odd = whole[:at] + chunk + whole[at:] + chunk
(OUT / "chunks.wav").write_bytes(odd[:4] + struct.pack("<I", len(odd) - 8) + odd[8:])


def read(name):
    values, rate = soundfile.read(OUT / name, dtype="float32", always_2d=True)
    return torch.from_numpy(values.T.copy()), rate


for name in [*FILES, "chunks.wav"]:
    tensors["read." + name] = read(name)[0]
tone = torch.from_numpy(sound(200)[:, 0]).float()
tensors["tone"] = tone
for start, end in [(44100, 16000), (8000, 16000), (16000, 8000), (48000, 16000), (22050, 16000), (11025, 16000), (7, 5), (16000, 15999), (96000, 441)]:
    tensors[f"rate.{start}.{end}"] = resample(tone, start, end)

CASES = [
    ({}, ["s16.wav"]),
    ({}, ["s16.wav", "u8.wav", "f32three.wav", "s24stereo.wav"]),
    ({"return_attention_mask": True}, ["s16.wav", "u8.wav", "s32.wav", "f64.wav"]),
    ({"return_attention_mask": True, "padding_value": -3.5}, ["extensible24.wav", "s16.wav"]),
    ({"do_normalize": False, "padding_value": 0.25}, ["extensiblefloat.wav", "extensible24.wav"]),
    ({"sampling_rate": 8000, "do_normalize": False}, ["s16.wav", "u8.wav"]),
    ({"sampling_rate": 24000, "return_attention_mask": True}, ["s24stereo.wav", "s32.wav"]),
]
for i, (config, names) in enumerate(CASES):
    extractor = Wav2Vec2FeatureExtractor(**config)
    sounds = [resample(x.mean(0), rate, extractor.sampling_rate).numpy() for x, rate in map(read, names)]
    out = extractor(sounds, sampling_rate=extractor.sampling_rate, padding=True, return_tensors="pt")
    for k, v in out.items():
        tensors[f"{i}.{k}"] = v.contiguous()
kind = {"feature_extractor_type": "Wav2Vec2FeatureExtractor"}
(OUT / "cases.json").write_text(json.dumps([{"config": kind | c, "files": n} for c, n in CASES], indent=1) + "\n")
save_file(tensors, OUT / "audio.safetensors")
