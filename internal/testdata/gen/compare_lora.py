"""Compares examples/infer with HF PEFT live, on tiny BERTs and LoRA configs beside the golden cases: outputs, merged
outputs and gradients, from files that HF PEFT wrote. Prints what differs by more than 1e-4 and exits with 1 if anything
does.

    go build -o /tmp/infer ./examples/infer
    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 safetensors numpy
    python internal/testdata/gen/compare_lora.py /tmp/infer
"""
import os, subprocess, sys, tempfile
import numpy as np, torch, transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.numpy import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification, BertModel

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
infer = sys.argv[1]


def config(**k):
    return BertConfig(vocab_size=53, hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=40,
                      max_position_embeddings=33, type_vocab_size=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
                      layer_norm_eps=1e-6, pad_token_id=2, **k)


BASES = {
    "seq": (BertForSequenceClassification, config(num_labels=5), "SEQ_CLS"),
    "tok": (BertForTokenClassification, config(num_labels=4), "TOKEN_CLS"),
    "qa": (BertForQuestionAnswering, config(), "QUESTION_ANS"),
    "mlm": (BertForMaskedLM, config(hidden_act="gelu_new"), None),
    "reg": (BertForSequenceClassification, config(num_labels=1), "SEQ_CLS"),
    "bare": (BertModel, config(), "FEATURE_EXTRACTION"),
    "multi": (BertForSequenceClassification, config(num_labels=3, problem_type="multi_label_classification"), "SEQ_CLS"),
}
CASES = [
    ("seq", dict(r=3, target_modules="all-linear")),
    ("seq", dict(r=5, lora_alpha=7, target_modules=["query"], modules_to_save=["pooler"])),
    ("seq", dict(r=2, target_modules=["dense"], exclude_modules=["intermediate.dense"], use_rslora=True)),
    ("seq", dict(r=4, target_modules=r".*\.(0|2)\.attention\.self\.(query|value)", use_dora=True)),
    ("seq", dict(r=4, target_modules=["key", "word_embeddings"], use_dora=True)),
    ("seq", dict(r=4, target_modules=["word_embeddings", "position_embeddings", "token_type_embeddings", "value"])),
    ("seq", dict(r=4, target_modules=["query", "value"], rank_pattern={"0.attention.self.query": 1, r"1\..*": 7}, alpha_pattern={"value": 20})),
    ("seq", dict(r=4, target_modules=["query", "value"], layers_to_transform=[0, 2])),
    ("seq", dict(r=4, target_modules=["query", "value"], layers_to_transform=1, layers_pattern="layer")),
    ("seq", dict(r=4, init_lora_weights="pissa")),
    ("seq", dict(r=4, init_lora_weights="olora", target_modules=["query", "intermediate.dense", "output.dense"])),
    ("seq", dict(r=4, init_lora_weights="orthogonal")),
    ("seq", dict(r=4, init_lora_weights="gaussian")),
    ("seq", dict(r=4, lora_bias=True, target_modules=["query", "dense"])),
    ("seq", dict(r=4, bias="lora_only", use_rslora=True, use_dora=True)),
    ("seq", dict(r=4, bias="all", modules_to_save=["pooler"])),
    ("seq", dict(r=4, lora_alpha=0)),
    ("seq", dict(r=4, target_modules=["bert.encoder.layer.1.attention.self.query", "0.attention.self.value"])),
    ("tok", dict(r=3)),
    ("qa", dict(r=3)),
    ("mlm", dict(r=3)),
    ("mlm", dict(r=3, target_modules="all-linear")),
    ("mlm", dict(r=3, target_modules=["query"], modules_to_save=["transform"])),
    ("reg", dict(r=3)),
    ("bare", dict(r=3, target_modules=["query", "dense"])),
    ("multi", dict(r=2, lora_alpha=1)),
]


def batch(kind):
    ids = torch.randint(3, 53, (3, 11))
    mask = torch.ones_like(ids)
    mask[1, 7:], ids[1, 7:] = 0, 2
    a = dict(input_ids=ids, attention_mask=mask, token_type_ids=torch.randint(0, 3, (3, 11)))
    if kind == "qa":  # PeftModelForQuestionAnswering drops token_type_ids
        del a["token_type_ids"]
        a |= dict(start_positions=torch.tensor([1, 20, 3]), end_positions=torch.tensor([4, 5, 99]))
    elif kind in ("tok", "mlm"):
        a["labels"] = torch.randint(0, 4, (3, 11))
        a["labels"][0, 3] = -100
    elif kind != "bare":
        a["labels"] = {"seq": torch.tensor([0, 4, 2]), "reg": torch.tensor([0.5, -1.0, 2.0]),
                       "multi": torch.randint(0, 2, (3, 3)).float()}[kind]
    return a


def file_key(name):
    for part in (".default", "modules_to_save."):
        name = name.replace(part, "")
    return name.replace("lora_magnitude_vector.weight", "lora_magnitude_vector")


def compare(work, n, kind, options):
    torch.manual_seed(n)
    cls, cfg, task = BASES[kind]
    base, adapter = f"{work}/{n}/base", f"{work}/{n}/adapter"
    model = cls(cfg).eval()
    for p in model.parameters():
        p.data += 0.05 * torch.randn_like(p)
    model.save_pretrained(base)
    tuned = get_peft_model(model, LoraConfig(task_type=task, **options))
    for p in tuned.parameters():
        if p.requires_grad:
            p.data += 0.1 * torch.randn_like(p)
    tuned.save_pretrained(adapter)
    tuned = PeftModel.from_pretrained(cls.from_pretrained(base), adapter, is_trainable=True).eval()
    a = batch(kind)
    out = tuned(**a)
    want = {k: v.detach().numpy() for k, v in out.items() if torch.is_tensor(v)}
    grads = {}
    if "loss" in want:
        out.loss.backward()
        grads = {"grad." + file_key(k): p.grad.numpy() for k, p in tuned.named_parameters() if p.requires_grad and p.grad is not None}
    source, target = f"{work}/{n}/in.safetensors", f"{work}/{n}/out.safetensors"
    save_file({k: v.numpy() for k, v in a.items()}, source)
    for flags, values in (([], want), (["-merge"], want), (["-grad"], want | grads)):
        if flags == ["-grad"] and not grads:
            continue
        run = subprocess.run([infer, "-backbone", base, "-adapter", adapter, "-in", source, "-out", target, *flags], capture_output=True, text=True)
        if run.returncode:
            yield flags, run.stderr.strip()
            continue
        got = load_file(target)
        for k, v in values.items():
            if k not in got:
                yield flags, f"{k} is missing"
            elif not np.all(np.abs(got[k] - v) <= 1e-4 + 1e-4 * np.abs(v)):
                yield flags, f"{k} differs by {np.abs(got[k] - v).max()}"


bad = 0
with tempfile.TemporaryDirectory() as work:
    for n, (kind, options) in enumerate(CASES):
        for flags, what in compare(work, n, kind, dict(options)):
            bad += 1
            print(kind, options, *flags, what)
print(len(CASES), "cases,", bad, "differences")
sys.exit(bad > 0)
