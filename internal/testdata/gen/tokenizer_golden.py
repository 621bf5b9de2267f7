"""Asks HF tokenizers for what models/tokenizer must answer on awkward text.

    pip install tokenizers==0.23.3
    python tokenizer_golden.py > ../../../models/tokenizer/testdata/awkward.json
    python tokenizer_golden.py 50000 > random.json    # as many random cases, not kept in the repository
"""

import hashlib
import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__

HERE = pathlib.Path(__file__).parent
BASE = json.loads((HERE / "../../../models/tokenizer/testdata/wordpiece/tokenizer.json").read_text())


def added(id, content, **on):
    token = dict(id=id, content=content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=False)
    return {**token, **on}


def bert(clean=True, chinese=True, accents=None, lower=True):
    return dict(
        type="BertNormalizer", clean_text=clean, handle_chinese_chars=chinese, strip_accents=accents, lowercase=lower
    )


SIZE = len(BASE["model"]["vocab"])
# Each variant is the base file with some of its keys replaced.
VARIANTS = {
    "base": {},
    "cased": {"normalizer": bert(lower=False)},
    "accents": {"normalizer": bert(accents=False, chinese=False)},
    "uncleaned": {"normalizer": bert(clean=False, accents=True, lower=False)},
    "sequence": {"normalizer": dict(type="Sequence", normalizers=[dict(type="NFD"), dict(type="Lowercase")])},
    "plain": {"normalizer": None, "post_processor": None, "decoder": None},
    "unsplit": {"pre_tokenizer": None},
    "bertprocessing": {
        "post_processor": dict(type="BertProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2]),
        "decoder": dict(type="WordPiece", prefix="##", cleanup=False),
    },
    "template": {
        "post_processor": dict(
            type="TemplateProcessing",
            single=[
                dict(Sequence=dict(id="A", type_id=1)),
                dict(SpecialToken=dict(id="end", type_id=2)),
                dict(Sequence=dict(id="A", type_id=3)),
            ],
            pair=[dict(Sequence=dict(id="B", type_id=0)), dict(Sequence=dict(id="A", type_id=0))],
            special_tokens={"end": dict(id="end", ids=[3, 4], tokens=["[SEP]", "[MASK]"])},
        )
    },
    "added": {
        "added_tokens": BASE["added_tokens"]
        + [
            added(SIZE, "<left>", lstrip=True, special=True),
            added(SIZE + 1, "<right>", rstrip=True),
            added(SIZE + 2, "<both>", lstrip=True, rstrip=True),
            added(SIZE + 3, "word", single_word=True),
            added(SIZE + 4, "\u00c9clair", normalized=True, special=True),
            added(SIZE + 5, "<left><", normalized=False),
            added(SIZE + 6, "  "),
            added(SIZE + 7, "New York", normalized=True, single_word=True, lstrip=True),
            added(SIZE + 8, "\u65e5\u672c", special=True),
        ]
    },
    "limits": {
        "truncation": dict(max_length=7, strategy="LongestFirst", stride=1, direction="Left"),
        "padding": dict(
            strategy={"Fixed": 9}, direction="Left", pad_to_multiple_of=4, pad_id=4, pad_type_id=2, pad_token="[MASK]"
        ),
    },
}

AWKWARD = """Hello, world!|na\u00efve cafe\u0301 A\u030a\u0327x|\u1e69\u0323\u0301\u0345\u0334|\u0130stanbul I\u0307|\u1e9e\u00df\u03a3\u03c2
\u65e5\u672c\u8a9e and\u3000English|\uac00\ub098\ub2e4 \ud55c\uad6d|\u0344\u0f73\u0f71\u0f72|\U0001f469\u200d\U0001f680 ok|\u0915\u093c \u0958
a\u00adb\u200bc\ufeffd\u2028e\u0085f\x00g\x7fh|\ufffd\ufffdx\ufffd|don't can not do not we've 's . ? !|($1.50)^`~|\x1c\x1d\x1e\x1f
[MASK][SEP] [CLS]x[UNK]|[mask]|[MA[MASK]SK]|x<left>  y|x  <left>  <left><left>|a <right>   b|a  <both>  b<both>|<both>   <left>
word words sword word. (word) \u00e9word word\u0301 word\u200d|\u00c9clair e\u0301clair ECLAIR|in new york, New  York xNew York|\u65e5\u672c\u65e5
a  b   c    d|\u2e43\u1b7d\u111c9\u1b80|\U00011938\U00011935\U00011930|\u1c89\ua7cb\ua7dc\U00010d50|\ua7ce\U00016ea0|\u08d4\u1dfa\u0323
##ing ing ##|\U000e0001\U000f0000\U0010ffff|\u1734\u1735|\u00bd\u2460\u2168|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""".replace("\n", "|").split("|")
AWKWARD += ["", " ", "x" * 100, "x" * 101, "\u00e9" * 101, "\u0301", "\u0301\u0301", "\u200b", "a" + "\u0301\u0323" * 20]
BYTES = [b"a\xffb", b"\xe2\x82", b"\xe2\x82a", b"\xf0\x9f\x98", b"\xed\xa0\x80x", b"\xc0\xaf\xf5", b"\xf0\x80\x80", b"ok \xe9t\xe9"]
BYTES += [b"\xe0\x80a", b"\xe0\xa0", b"\xed\xbf\xbfx", b"\xf4\x90\x80\x80x", b"\xf0\x8fx", b"\xf4\x8f\xbf"]

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
BLOCKS = [(0x20, 0x7F)] * 6 + [
    (0, 0x100), (0xC0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0x1000), (0x1AB0, 0x1B00),
    (0x1DC0, 0x2070), (0x2000, 0x3100), (0x3400, 0xA000), (0xA640, 0xAB70), (0xAC00, 0xD7A4), (0xE000, 0x10000),
    (0x10000, 0x11FFF), (0x16A00, 0x17000), (0x1D000, 0x1D250), (0x1E000, 0x1F000), (0x1F300, 0x1FA00),
    (0x20000, 0x33000), (0xE0000, 0x110000),
]  # fmt: skip
WORDS = list(BASE["model"]["vocab"]) + "[MASK] [SEP] <left> <right> <both> word Word \u00c9clair New\u0020York \u65e5\u672c".split(" ")


def random_text(rng):
    out = []
    for _ in range(rng.choice([0, 1, 3, 10, 30])):
        kind = rng.random()
        if kind < 0.4:
            low, high = rng.choice(BLOCKS)
            out.append("".join(chr(rng.randrange(low, high)) for _ in range(rng.randrange(1, 6))))
        elif kind < 0.7:
            out.append(rng.choice(WORDS).removeprefix("##"))
        elif kind < 0.8:
            out.append(rng.choice([" ", "  ", "\t", "\n", "\u00a0", "\u3000", " \u2028"]))
        elif kind < 0.9:
            out.append("".join(rng.choice("aeou\u00e9\u1e69\u0301\u0323\u0327\u0345\u0334\u05b0") for _ in range(8)))
        elif kind < 0.93:
            out.append(rng.choice("ab\u00e9") * rng.randrange(90, 110))
        else:
            out.append(rng.choice(AWKWARD))
    return "".join(c for c in rng.choice(["", " "]).join(out) if not "\ud800" <= c <= "\udfff")


def flat(e):
    return [
        e.ids, e.tokens, e.type_ids, e.offsets, e.attention_mask, e.special_tokens_mask,
        [-1 if w is None else w for w in e.word_ids],
        [-1 if s is None else s for s in e.sequence_ids],
        [flat(o) for o in e.overflowing],
    ]  # fmt: skip


def load(name):
    return Tokenizer.from_str(json.dumps({**BASE, **VARIANTS[name]}))


def case(name, text, pair=None, special=True, truncation=None, padding=None, raw=None):
    t = load(name) if truncation or padding else LOADED[name]
    if truncation:
        t.enable_truncation(**truncation)
    if padding:
        t.enable_padding(**padding)
    e = t.encode(text, pair, add_special_tokens=special)
    out = dict(variant=name, encoding=flat(e), decoded=[t.decode(e.ids), t.decode(e.ids, skip_special_tokens=False)])
    if raw is None:
        out["text"] = text
    else:
        out["hex"] = raw.hex()
    if pair is not None:
        out["pair"] = pair
    if not special:
        out["bare"] = True
    if truncation:
        out["truncation"] = truncation
    if padding:
        out["padding"] = padding
    return out


LOADED = {name: load(name) for name in VARIANTS}


def limits(rng, least=5):
    """Truncation and padding that the reference can carry out for any text."""
    direction, strategy = rng.choice(["left", "right"]), "longest_first"
    n = rng.randrange(least, 14)
    truncation = dict(max_length=n, stride=rng.randrange(0, (n - 3) // 2), strategy=strategy, direction=direction)
    padding = dict(direction=rng.choice(["left", "right"]), pad_id=4, pad_type_id=rng.randrange(2), pad_token="[MASK]")
    if rng.random() < 0.5:
        padding["length"] = rng.randrange(0, 20)
    if rng.random() < 0.5:
        padding["pad_to_multiple_of"] = rng.randrange(1, 9)
    return dict(truncation=truncation, padding=padding if rng.random() < 0.7 else None)


def random_cases(n):
    rng = random.Random(int(sys.argv[1]))
    names = list(VARIANTS)
    for _ in range(n):
        name, text = rng.choice(names), random_text(rng)
        pair = random_text(rng) if rng.random() < 0.3 else None
        more = limits(rng) if rng.random() < 0.2 and name != "limits" else {}
        if pair is not None and (more or name == "limits"):  # what overflows from a pair grows with its square
            text, pair = text[:30], pair[:30]
        yield case(name, text, pair, special=rng.random() < 0.8, **more)


def kept_cases():
    for text in AWKWARD:
        yield case("base", text)
    for raw in BYTES:
        yield case("base", raw.decode("utf-8", "replace"), raw=raw)
    for name in list(VARIANTS)[1:]:
        texts = AWKWARD if name == "added" else AWKWARD[:10] + AWKWARD[13:15]
        for i, text in enumerate(texts):
            yield case(name, text, texts[i - 1] if i % 3 == 0 else None, special=i % 4 != 3)
    rng = random.Random(3)
    first, second = "Hello, world!", "inner spaces"
    for i in range(20):
        yield case(rng.choice(["base", "bertprocessing"]), first, second if i % 2 else None, **limits(rng, 9 if i % 2 else 5))
    for strategy, pair in (("only_first", None), ("only_first", second), ("only_second", second)):
        n = len(LOADED["base"].encode(first, pair).ids) - 4
        yield case("base", first, pair, truncation=dict(max_length=n, stride=1, strategy=strategy, direction="right"))
    for n in range(7, 13):
        right = dict(max_length=n, stride=0, strategy="longest_first", direction="right")
        yield case("base", "Hello" if n % 2 else first, first if n % 2 else "Hello", truncation=right)
    stride = dict(max_length=6, stride=2, strategy="longest_first", direction="left")
    yield case("template", "quick brown", truncation=stride)
    yield case("base", first, second, truncation=dict(max_length=3, stride=0, strategy="longest_first", direction="right"))


def characters():
    """Digests of what each character becomes, for each 4096 of them."""
    def norm(**on):
        return normalizers.BertNormalizer(
            **{**dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False), **on}
        ).normalize_str

    nfd, split = normalizers.NFD().normalize_str, pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    single = Tokenizer(models.WordPiece({"[UNK]": 0, "zq": 1}, unk_token="[UNK]"))
    single.add_tokens([AddedToken("zq", single_word=True, normalized=False)])
    clean, chinese, strip, lower = (
        norm(clean_text=True), norm(handle_chinese_chars=True), norm(strip_accents=True), norm(lowercase=True)
    )  # fmt: skip
    functions = dict(
        clean=clean,
        chinese=chinese,
        accents=lambda c: strip("a" + c),
        lowercase=lower,
        nfd=lambda c: nfd("\u0345" + c + "\u0334"),
        split=lambda c: "/".join(w for w, _ in split("a" + c + "b")),
        word=lambda c: "no" if "zq" in single.encode("zq" + c).tokens else "yes",
    )
    out = {}
    for name, f in functions.items():
        blocks = {}
        for c in ALL:
            blocks.setdefault(c >> 12, []).append(f(chr(c)))
        # from plane 3 on there is next to nothing: one digest for all
        rest = [s for b, part in blocks.items() if b >= 0x30 for s in part]
        parts = [blocks.get(b, []) for b in range(0x30)] + [rest]
        out[name] = [hashlib.sha256("|".join(p).encode()).hexdigest()[:8] for p in parts]
    return out


def decoder():
    """What the decoder makes of single tokens, with spaces of their own as added tokens may have."""
    tokens = "a . ?|a !|a , b|a ' b|can n't|I 'm|we do not do not|it 's|we 've|they 're|do n't 's .".split("|")
    decode = decoders.WordPiece(prefix="##", cleanup=True).decode
    return [[t, decode([t]), decode(["x", t]), decode(["##x", "##" + t])] for t in tokens]


golden = dict(version=tokenizers.__version__, variants=VARIANTS)
if len(sys.argv) > 1:
    golden["cases"] = list(random_cases(int(sys.argv[1])))
else:
    golden["characters"], golden["decoder"], golden["cases"] = characters(), decoder(), list(kept_cases())
print("{")
rows = [json.dumps(k) + ": " + json.dumps(v) for k, v in golden.items() if k != "cases"]
print(",\n".join(rows) + ',\n"cases": [')
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in golden["cases"]) + "\n]}")
