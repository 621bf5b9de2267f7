"""Writes models/tokenizer/testdata/{unigram,bpe}.model and sentencepiece.json: what SentencePiece itself makes of texts.

    pip install sentencepiece==0.2.1
    python tokenizer_sentencepiece.py
"""

import io
import json
from pathlib import Path

import sentencepiece

OUT = Path(__file__).resolve().parents[3] / "models" / "tokenizer" / "testdata"
LINES = json.loads((OUT / "training.json").read_text())["lines"]
# without "...", which splits two ways of equal score: there HF tokenizers and SentencePiece differ
TEXTS = [l.strip() for l in LINES[:20] if "..." not in l] + [
    "Hello, world!", "a  b   c", "  both ends  ", "\u65e5\u672c\u8a9e \U0001f600 x", "", "abababab aaaa", "karen tosvi", "na\u00efve", "1 22 333",
]  # fmt: skip
golden = {"version": sentencepiece.__version__, "texts": TEXTS}
for kind in ("unigram", "bpe"):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([l for l in LINES if l.strip()]), model_writer=model, vocab_size=400 if kind == "bpe" else 120, model_type=kind,
        byte_fallback=kind == "bpe", normalization_rule_name="identity", remove_extra_whitespaces=kind == "unigram", minloglevel=2,
        pad_id=3 if kind == "unigram" else -1,
    )  # fmt: skip
    (OUT / f"{kind}.model").write_bytes(model.getvalue())
    spm = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    golden[kind] = [spm.encode(t) for t in TEXTS]
    # its own sign for what is unknown is left out, for there decoding differs
    golden[kind + "_decoded"] = [None if spm.unk_id() in ids else spm.decode(ids) for ids in golden[kind]]
(OUT / "sentencepiece.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
