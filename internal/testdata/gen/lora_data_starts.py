"""Writes lora/testdata/data_starts.safetensors: what HF PEFT's starts from data give A and B on the golden bert_seqcls, and the
batches that it saw. CASE.A.TARGET and CASE.B.TARGET are the first values, eva.rank.TARGET the ranks that EVA shares out; batch.N.*
the arguments.
Made with torch 2.15.0, transformers 5.23.0 and peft 0.21.2; run it as `python lora_data_starts.py` here."""

import pathlib

import torch
from peft import EvaConfig, LoraConfig, get_peft_model, initialize_lora_eva_weights
from peft.tuners.lora.corda import preprocess_corda
from peft.tuners.lora.loraga import preprocess_loraga
from peft.tuners.lora.config import CordaConfig, LoraGAConfig
from safetensors.torch import save_file
from transformers import BertForSequenceClassification

here = pathlib.Path(__file__).resolve().parent
base = here.parents[1] / "pefttest" / "testdata" / "fixtures" / "bases" / "bert_seqcls"
torch.manual_seed(3)
out = {}
batches = []
for i in range(6):
    length = 12
    mask = torch.ones(4, length, dtype=torch.int32)
    if i % 2:
        mask[1, 7:] = 0
    batch = dict(input_ids=torch.randint(5, 60, (4, length), dtype=torch.int32), attention_mask=mask, labels=torch.randint(0, 3, (4,), dtype=torch.int32))
    batches.append({k: v.long() for k, v in batch.items()})
    out |= {f"batch.{i}.{k}": v for k, v in batch.items()}
settings = dict(r=4, lora_alpha=8, target_modules=["query", "output.dense"], task_type="SEQ_CLS")
load = lambda: BertForSequenceClassification.from_pretrained(base).eval()


def keep(case, model, factors="AB"):
    for name, p in model.named_parameters():
        for f in factors:
            if f"lora_{f}" in name:
                out[f"{case}.{f}." + name.removeprefix("base_model.model.").removesuffix(f".lora_{f}.default.weight")] = p.detach().clone()


for method in ["ipm", "kpm"]:
    config = LoraConfig(init_lora_weights="corda", corda_config=CordaConfig(corda_method=method), **settings)
    model = load()

    def one_by_one():  # its hook reads batches of one row
        for b in batches[::2]:  # those without padding, which it would count
            for row in range(4):
                model(**{k: v[row:row + 1] for k, v in b.items()})

    preprocess_corda(model, config, run_model=one_by_one)
    keep("corda_" + method, get_peft_model(model, config))

for direction, scale in [("ArB2r", "stable"), ("A2rBr", "unit"), ("ArBr", "gd_scale"), ("ArB2r", "weight_svd")]:
    config = LoraConfig(init_lora_weights="lora_ga", lora_ga_config=LoraGAConfig(direction=direction, scale=scale, stable_gamma=9), **settings)
    model = load()
    train = model.train
    model.train = lambda mode=True: train(False)

    def backward():
        for b in batches:
            model(**b).loss.backward()

    preprocess_loraga(model, config, backward)
    keep(f"ga_{direction}_{scale}", get_peft_model(model, config))

for case, eva in [("eva", dict(rho=2.0, tau=0.9, use_label_mask=False)), ("eva_white", dict(rho=1.0, tau=0.9, whiten=True, use_label_mask=False))]:
    config = LoraConfig(init_lora_weights="eva", eva_config=EvaConfig(**eva), **settings)
    model = get_peft_model(load(), config)
    initialize_lora_eva_weights(model, batches, show_progress_bar=False)
    keep(case, model, "A")
    print(case, model.peft_config["default"].rank_pattern, model.peft_config["default"].alpha_pattern)
save_file({k: v.contiguous() for k, v in out.items()}, here.parents[2] / "lora" / "testdata" / "data_starts.safetensors")
