"""Writes models/tokenizer/testdata/components.json: what HF tokenizers makes of awkward texts with each component of
tokenizer.json. A model that makes a token of each word, called by the word, shows what the others did.

    pip install tokenizers==0.23.3
    python tokenizer_components.py > ../../../models/tokenizer/testdata/components.json
"""

import base64
import json
import struct

import tokenizers
from tokenizers import Tokenizer

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__


def charsmap(rules):
    """A SentencePiece charsmap, as a double array with one unit per trie node, placed first fit."""
    texts, blob = {}, b""
    for new in sorted(set(rules.values())):
        texts[new] = len(blob)
        blob += new.encode() + b"\0"
    trie = {}
    for old, new in rules.items():
        node = trie
        for b in old.encode():
            node = node.setdefault(b, {})
        node[None] = texts[new]
    units, used = {0: 0}, {0}

    def place(node, at):
        children = sorted(k for k in node if k is not None)
        offset = 1
        while any((at ^ offset ^ c) in used for c in children + [0]) or offset >= 1 << 21:
            offset += 1
        base = at ^ offset
        for c in children + [0]:
            used.add(base ^ c)
        units[at] |= offset << 10
        if None in node:
            units[at] |= 1 << 8
            units[base] = node[None] | 1 << 31
        for c in children:
            units[base ^ c] = c
        for c in children:
            place(node[c], base ^ c)

    place(trie, 0)
    array = [units.get(i, 0) for i in range(max(units) + 257)]
    raw = struct.pack("<I", 4 * len(array)) + struct.pack(f"<{len(array)}I", *array) + blob
    return base64.b64encode(raw).decode()


RULES = {
    "\u00e9": "e", "\ufb01": "fi", "e\u0301": "E", "\r\n": " ", "\u00a0": " ", "\t": " ", "\u0130": "i\u0307", "\uff21": "A", "\u0301": "",
    "\u3000": " ", "\u200b": "", "\u2028": " ", "\u00df": "ss", "\u0915": "k", "\u1100": "g", "\u212b": "\u00c5", "!": "!!", "\u0e33": "\u0e4d\u0e32",
}  # fmt: skip
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])  # fmt: skip
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"pre_tokenizer": dict(type="Split", pattern={kind: pattern}, behavior=behavior, invert=invert)}


def normal(type, **more):
    return {"normalizer": dict(type=type, **more)}


def words(type, **more):
    return {"pre_tokenizer": dict(type=type, **more)}


COMPONENTS = {
    **{n.lower(): normal(n) for n in "NFC NFD NFKC NFKD Nmt StripAccents ByteLevel Lowercase".split()},
    "nfd accents nfc": normal("Sequence", normalizers=[dict(type=n) for n in ("NFD", "StripAccents", "NFC")]),
    **{f"strip {l:d}{r:d}": normal("Strip", strip_left=l, strip_right=r) for l, r in ((True, True), (True, False), (False, True))},
    "prepend": normal("Prepend", prepend="\u2581x"),
    "replace": normal("Replace", pattern={"String": "a"}, content="<>"),
    "replace away": normal("Replace", pattern={"Regex": r"\s+|[\p{P}&&[^']]"}, content=""),
    "replace long": normal("Replace", pattern={"Regex": " {2,}"}, content=" - "),
    "replace nothing": normal("Replace", pattern={"Regex": "x*"}, content="."),
    "precompiled": normal("Precompiled", precompiled_charsmap=charsmap(RULES)),
    "bytelevel": words("ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True),
    "bytelevel prefix": words("ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=False),
    **{
        f"metaspace {s} {c:d}": words("Metaspace", replacement="\u2581", prepend_scheme=s, split=c)
        for s in ("always", "first", "never") for c in (True, False)
    },
    **{f"punctuation {b}": words("Punctuation", behavior=b) for b in "Removed Isolated MergedWithPrevious MergedWithNext Contiguous".split()},
    **{f"digits {d:d}": words("Digits", individual_digits=d) for d in (True, False)},
    "whitespace": words("Whitespace"),
    "whitespacesplit": words("WhitespaceSplit"),
    "delimiter": words("CharDelimiterSplit", delimiter="a"),
    "scripts": words("UnicodeScripts"),
    "sequence": words("Sequence", pretokenizers=[dict(type="Whitespace"), dict(type="Digits", individual_digits=True)]),
    "llama3": split(LLAMA3),
    "qwen2": split(LLAMA3.replace("{1,3}", "")),
    "cl100k": split(LLAMA3.replace("]?", "]?+").replace(r"\p{L}+|", r"\p{L}++|")),
    "o200k": split(O200K),
    "deepseek": split(DEEPSEEK),
    "classes": split(r"\w+|[[:punct:]]|\h"),
    **{
        f"split {b} {i:d}": split("ab|\\s", b, i)
        for b in "Removed Isolated MergedWithPrevious MergedWithNext Contiguous".split() for i in (True, False)
    },
    "split literal": split("a.", "MergedWithNext", kind="String"),
    "fixed": words("FixedLength", length=3),
}  # fmt: skip

DECODERS = {
    "bpe": dict(type="BPEDecoder", suffix="</w>"),
    "fallback": dict(type="ByteFallback"),
    "ctc": dict(type="CTC", pad_token="<pad>", word_delimiter_token="|", cleanup=True),
    "ctc raw": dict(type="CTC", pad_token="<pad>", word_delimiter_token="|", cleanup=False),
    "bytes": dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True),
    "metaspace": dict(type="Metaspace", replacement="\u2581", prepend_scheme="always", split=True),
    "metaspace never": dict(type="Metaspace", replacement="\u2581", prepend_scheme="never", split=True),
    "strip": dict(type="Strip", content="b", start=2, stop=1),
    "llama2": dict(
        type="Sequence",
        decoders=[
            dict(type="Replace", pattern={"String": "\u2581"}, content=" "), dict(type="ByteFallback"), dict(type="Fuse"),
            dict(type="Strip", content=" ", start=1, stop=0),
        ],
    ),
}  # fmt: skip
LISTS = [
    ["lo", "w</w>", "er</w>"], ["<0xE2>", "<0x82>", "<0xAC>", "x", "<0xFF>", "<0x41>", "<0x4G>", "<0x+1>"], ["h", "h", "<pad>", "h", "|", "a", ".", "<pad>", "."],
    ["\u0120Hello", "\u0120w", "\u00c3", "\u00a9", "\u65e5\u0120", "\u00ff"], ["\u2581a", "b\u2581\u2581c", "\u2581"], ["aab", "baa", "xaax", "bbba", "abb"],
]  # fmt: skip

TEXTS = [
    "", " ", "Hello, world!  It's 3.14, o'clock\r\n\r\n  x\n", "a  b\t c\u00a0\u00a0d\u3000e\u2028f ", "don'T WE'LL I'\u017fx 'reX''s", "12345 6\u0660\u0661\u00b2\u00bd\u2167x9",
    "e\u0301\u0323 \u1e69\u0307 \u212b\u00c5\u0130 \u1e9b\u0323 \ufb01\ufb01\u0301 \u00e9\u0301!\u0301", "\u1100\u1161\u11a8\uac00\u11a8\uac01 \u3231\u32ff\ufdfa\u2075",
    "\u65e5\u672c\u8a9e\u3072\u30e9\u30fc \u0440\u0443\u0441 abc\u0441d\u03b1", "\u0928\u093f\u0915\u094d\u0915 \u0e01\u0e33\u0e33 \U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1e9\U0001f1ea\U0001f1eb x\u200d",
    "abab aab-ab  ba a.a.b", "\u2581\u2581x \u2581", "xxaxx", "\x01\x7f\x0b\u200b\ufeff\ufffdz\u0085", "\U00010d4a\U00010d50\U00010d40 \ua7cb\u1c89 \u0897",
    "((a))--[b]! \u00a1\u00bf_^`|~$+<=>", "  lead trail  ", "CamelCaseXMLHttp'll 2nd/3rd\n/\n", "foo\n bar\n\n\n baz\r\r\n", "\u0327a\u0327\u0301\u0327", "\u0915\u093f\u0301\u0600a",
    "a" * 40 + " " * 20 + "b",
]  # fmt: skip


def tokenizer(parts, added=True):
    tokens = [dict(id=1, content="<s>", single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)]
    return dict(
        version="1.0", truncation=None, padding=None, added_tokens=tokens if added else [], normalizer=parts.get("normalizer"),
        pre_tokenizer=parts.get("pre_tokenizer"), post_processor=None, decoder=parts.get("decoder"),
        model=dict(type="Unigram", unk_id=0, vocab=[["<no token>", 0.0]], byte_fallback=False),
    )  # fmt: skip


print('{"version": %s,\n"components": [' % json.dumps(tokenizers.__version__))
rows = []
for name, parts in COMPONENTS.items():
    file = tokenizer(parts)
    tok = Tokenizer.from_str(json.dumps(file))
    cases = []
    for text in TEXTS + ["a <s>b", "<s> b"]:
        e = tok.encode(text)
        cases.append([text, e.tokens, e.offsets])
    rows.append(json.dumps(dict(name=name, tokenizer=file, cases=cases), separators=(",", ":")))
print(",\n".join(rows) + '\n],\n"decoders": [')
rows = []
for name, part in DECODERS.items():
    file = tokenizer(dict(decoder=part))
    decoder = Tokenizer.from_str(json.dumps(file)).decoder
    cases = [[tokens, decoder.decode(tokens)] for tokens in LISTS]
    rows.append(json.dumps(dict(name=name, decoder=part, cases=cases), separators=(",", ":")))
print(",\n".join(rows) + "\n]}")
