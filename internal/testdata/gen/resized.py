"""Makes golden cases of adapters whose vocabulary or classes are other numbers than their backbone's: transformers' model
is resized, or gets another head, before HF PEFT's adapter trains on it, and HF PEFT writes the file as it does by default.
The arguments of a case, with ids beyond the backbone's vocabulary, stand in golden.safetensors under "in.".

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python resized.py ../../pefttest/testdata/fixtures [BASE...]
"""
import json
import pathlib
import sys

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

LM, S2S, MLM = transformers.AutoModelForCausalLM, transformers.AutoModelForSeq2SeqLM, transformers.AutoModelForMaskedLM
SEQ, TOK = transformers.AutoModelForSequenceClassification, transformers.AutoModelForTokenClassification
CASES = {
    ("llama_lm", "lora-resized-save"): (LM, "CAUSAL_LM", 71, dict(target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    ("llama_lm", "lora-resized-embed"): (LM, "CAUSAL_LM", 71, dict(target_modules=["embed_tokens", "lm_head", "q_proj"])),
    ("gpt2_lm", "lora-resized-tokens"): (LM, "CAUSAL_LM", 71, dict(target_modules=["c_attn"], fan_in_fan_out=True, trainable_token_indices=[65, 3, 70])),
    ("gpt2_lm", "lora-resized-save"): (LM, "CAUSAL_LM", 71, dict(target_modules=["c_attn"], fan_in_fan_out=True, modules_to_save=["wte"])),
    ("t5_s2s", "lora-resized"): (S2S, "SEQ_2_SEQ_LM", 71, dict(target_modules=["q", "v"])),
    ("bart_s2s", "lora-resized-head"): (S2S, "SEQ_2_SEQ_LM", 71, dict(target_modules=["q_proj", "lm_head"])),
    ("bert_mlm", "lora-resized"): (MLM, None, 71, dict(target_modules=["query", "value"])),
    ("bert_seqcls", "lora-classes"): (SEQ, "SEQ_CLS", 5, dict(target_modules=["query", "value"])),
    ("tiny_roberta_seqcls", "lora-classes"): (SEQ, "SEQ_CLS", 2, dict(target_modules=["query", "value"])),
    ("bert_tokcls", "lora-classes"): (TOK, "TOKEN_CLS", 7, dict(target_modules=["query", "value"])),
}


def opened(root, base, kind, n):
    torch.manual_seed(3)
    if kind in (SEQ, TOK):
        return kind.from_pretrained(root / "bases" / base, num_labels=n, ignore_mismatched_sizes=True)
    model = kind.from_pretrained(root / "bases" / base)
    model.resize_token_embeddings(n)
    return model


def arguments(root, base, kind, old, n):
    """The base's arguments, with tokens (or classes) that only the resized model has."""
    args = {k[3:]: v.clone() for k, v in load_file(root / "bases" / base / "io.safetensors").items() if k.startswith("in.")}
    if kind in (SEQ, TOK):
        args["labels"] = torch.where(args["labels"] >= 0, (args["labels"] + n - 1) % n, args["labels"])
        return args
    for name in ("input_ids", "labels"):
        for i in range(old, n):
            row, column = i % args[name].shape[0], 1 + i % 3
            if args[name][row, column] >= 0:
                args[name][row, column] = i
    return args


def run(model, args):
    out = model(**args)
    return out, {"logits": out.logits.detach().clone(), "loss": out.loss.detach().clone()}


def make(root, base, name, kind, task, n, settings):
    torch.set_num_threads(1)
    old = kind.from_pretrained(root / "bases" / base).get_input_embeddings().weight.shape[0]
    args = arguments(root, base, kind, old, n)
    model = opened(root, base, kind, n)
    if kind not in (SEQ, TOK):
        with torch.no_grad():  # so that each new token has an embedding of its own
            for weight in {w.data_ptr(): w for w in (model.get_input_embeddings().weight, model.get_output_embeddings().weight)}.values():
                weight[old:] += 0.05 * torch.randn_like(weight[old:])
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, task_type=task, **settings)).eval()
    for p in model.parameters():
        if p.requires_grad:
            p.data += 0.1 * torch.randn_like(p)
    folder = root / "cases" / base / name
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config.update(base_model_name_or_path=None)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))

    live = {p.data_ptr(): n for n, p in model.named_parameters() if p.requires_grad}
    saved = get_peft_model_state_dict(model, save_embedding_layers=False)
    params = {k: dict(model.named_parameters())[live[t.data_ptr()]] for k, t in saved.items()}
    assert len(params) == len(live), (sorted(params), sorted(live.values()))

    golden = {f"in.{k}": v for k, v in args.items()}
    out, values = run(model, args)
    out.loss.backward()
    golden.update({f"out.{k}": v for k, v in values.items()})
    golden.update({f"grad.{k}": p.grad.clone() for k, p in params.items()})
    trainable, total = model.get_nb_trainable_parameters()
    loaded = PeftModel.from_pretrained(opened(root, base, kind, n), folder).eval()
    assert abs(run(loaded, args)[1]["loss"] - values["loss"]).item() < 1e-5, "HF PEFT opens what it wrote"
    merged = loaded.merge_and_unload().eval()
    diff = abs(run(merged, args)[1]["loss"] - values["loss"]).item()
    untied = model.config.tie_word_embeddings and not merged.config.tie_word_embeddings
    if diff > 1e-3 or untied:  # a tied head changes with its embeddings, or ends up untied, which gopeft refuses to save
        diff = None

    optimizer = dict(type="AdamW", lr=0.01, weight_decay=0.01, betas=[0.9, 0.999], eps=1e-8, steps=5)
    adamw = torch.optim.AdamW(params.values(), lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(5):
        adamw.zero_grad()
        loss = model(**args).loss
        loss.backward()
        adamw.step()
        losses.append(loss.item())
    golden["train.losses"] = torch.tensor(losses)
    golden.update({f"train.final.{k}": v for k, v in run(model, args)[1].items()})
    golden.update({f"train.param.{k}": p.detach().clone() for k, p in params.items()})
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    case = dict(base=base, case=name, peft_type="LORA", trainable=trainable, total=total, merge_loss_diff=diff,
                train_is_stochastic=False, optimizer=optimizer,
                versions=dict(torch=torch.__version__, transformers=transformers.__version__, peft=peft.__version__))
    (folder / "case.json").write_text(json.dumps(case, indent=1))


if __name__ == "__main__":
    for (base, name), case in CASES.items():
        if base in sys.argv[2:] or not sys.argv[2:]:
            make(pathlib.Path(sys.argv[1]), base, name, *case)
