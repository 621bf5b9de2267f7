"""Says with which tokens HF PEFT starts a prompt from a text, cut and repeated, by an embedding whose rows are their
numbers; makes the tiny tokenizer for it as well.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python prompt_starts.py ../../../prompt/tuning/testdata
"""
import json
import pathlib
import sys

import torch
import transformers
from peft import PromptEmbedding, PromptTuningConfig

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "or", "?", "##ly", "is", "rich"]

root = pathlib.Path(sys.argv[1])
words = root / "words"
words.mkdir(parents=True, exist_ok=True)
(words / "vocab.txt").write_text("\n".join(WORDS) + "\n")
tokenizer = transformers.BertTokenizer(str(words / "vocab.txt"), model_max_length=4)
for folder in (words, words / "inner"):
    tokenizer.save_pretrained(folder)
    for path in folder.iterdir():
        if path.name not in ("tokenizer.json", "tokenizer_config.json") and path.is_file():
            path.unlink()
rows = torch.nn.Embedding.from_pretrained(torch.arange(len(WORDS), dtype=torch.float32)[:, None])
out = []
for text, tokens, kwargs in [
    ("good or bad?", 6, None), ("good or bad?", 4, None), ("Good or bad?", 15, None), ("goodly", 5, None), ("odd", 1, None),
    ("good", 3, {"use_fast": True, "trust_remote_code": True}), ("bad", 3, {"subfolder": "inner"}), (" ", 2, None),
]:
    config = PromptTuningConfig(
        num_virtual_tokens=tokens, token_dim=1, num_transformer_submodules=1, prompt_tuning_init="TEXT",
        prompt_tuning_init_text=text, tokenizer_name_or_path=str(words), tokenizer_kwargs=kwargs and dict(kwargs))
    start = PromptEmbedding(config, rows).embedding.weight[:, 0]
    out.append(dict(text=text, tokens=tokens, kwargs=kwargs, ids=[int(x) for x in start]))
(root / "starts.json").write_text("[\n" + ",\n".join(" " + json.dumps(x) for x in out) + "\n]\n")
