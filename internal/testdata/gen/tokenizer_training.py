"""Writes models/tokenizer/testdata/training.json: the vocabularies that HF tokenizers learns.

    pip install tokenizers==0.23.3
    python tokenizer_training.py > ../../../models/tokenizer/testdata/training.json
"""

import json
import random

import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__


def corpus():
    rng = random.Random(5)
    parts = "ka lo mi ren tos vi shu an del or qua ist pe ung ly bra ed ing er est \u00e9 \u00fcb \u65e5 \u672c \u8a9e \u0436\u0438 7 42 x".split()
    words = ["".join(rng.choice(parts) for _ in range(rng.randrange(1, 5))) for _ in range(240)]
    weights = [1 / (i + 1) for i in range(len(words))]
    lines = []
    for _ in range(160):
        line = " ".join(rng.choices(words, weights, k=rng.randrange(3, 16)))
        lines.append(line.capitalize() + rng.choice([".", "!", "?", " ...", "", "\n"]))
    return lines + ["", "  ", "a", "aaaa aaaaaaa", "abab ababab abababab", "\U0001f600\U0001f600 \U0001f600"]


LINES = corpus()
BYTES = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
META = dict(type="Metaspace", replacement="\u2581", prepend_scheme="always", split=True)
BERT = dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
alphabet = pre_tokenizers.ByteLevel.alphabet()
CASES = [
    dict(name="bytes", model="BPE", pre=BYTES, options=dict(vocab_size=400, special_tokens=["<s>", "</s>"]), alphabet=True),
    dict(name="frequent", model="BPE", pre=dict(type="Whitespace"), options=dict(min_frequency=3, special_tokens=["[UNK]"])),
    dict(name="long", model="BPE", pre=dict(type="WhitespaceSplit"), options=dict(vocab_size=200, max_token_length=4)),
    dict(name="all", model="BPE", pre=None, options=dict(vocab_size=20000, special_tokens=["a"])),
    dict(name="wordpiece", model="WordPiece", norm=BERT, pre=dict(type="BertPreTokenizer"),
         options=dict(special_tokens=["[PAD]", "[UNK]"], min_frequency=12)),
    dict(name="unigram", model="Unigram", pre=META, options=dict(vocab_size=150, special_tokens=["<pad>"], unk_token="<unk>")),
    dict(name="unigram small", model="Unigram", norm=dict(type="NFKC"), pre=dict(type="WhitespaceSplit"),
         options=dict(vocab_size=90, special_tokens=["<unk>", "<s>"], unk_token="<unk>", max_piece_length=5, shrinking_factor=0.6, n_sub_iterations=1)),
    dict(name="words", model="WordLevel", pre=dict(type="Whitespace"), options=dict(vocab_size=60, special_tokens=["[UNK]"])),
]  # fmt: skip
MODELS = dict(
    BPE=dict(type="BPE", vocab={}, merges=[]),
    WordPiece=dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=100, vocab={}),
    Unigram=dict(type="Unigram", unk_id=None, vocab=[], byte_fallback=False),
    WordLevel=dict(type="WordLevel", unk_token="[UNK]", vocab={}),
)
TRAINERS = dict(
    BPE=trainers.BpeTrainer, WordPiece=trainers.WordPieceTrainer, Unigram=trainers.UnigramTrainer, WordLevel=trainers.WordLevelTrainer
)


def learn(c):
    file = dict(
        version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=c.get("norm"), pre_tokenizer=c["pre"],
        post_processor=None, decoder=None, model=MODELS[c["model"]],
    )  # fmt: skip
    tok = Tokenizer.from_str(json.dumps(file))
    options = dict(c["options"])
    if c.get("alphabet"):
        options["initial_alphabet"] = alphabet
    tok.train_from_iterator(LINES, TRAINERS[c["model"]](show_progress=False, **options))
    return file, json.loads(tok.to_str())["model"]


rows = []
for c in CASES:
    file, model = learn(c)
    same = lambda m: sorted(m["vocab"]) if isinstance(m["vocab"], dict) else sorted(t for t, _ in m["vocab"])
    for _ in range(4):  # the golden must not hang on the order of a hash table
        assert same(learn(c)[1]) == same(model), c["name"]
    rows.append(json.dumps(dict(name=c["name"], template=file, options=c["options"], alphabet=c.get("alphabet", False),
        vocab=model["vocab"], merges=model.get("merges"), unk_id=model.get("unk_id")), separators=(",", ":")))  # fmt: skip
print('{"version": %s, "lines": %s, "cases": [' % (json.dumps(tokenizers.__version__), json.dumps(LINES)))
print(",\n".join(rows) + "\n]}")
