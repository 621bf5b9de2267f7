"""Makes golden cases of LoRA that the shared set lacks: on the tiny GPT-2 rows of embeddings that the head shares, and
a module saved whole whose weight stands [in, out]; on decoder_bases.py's fused maps and scaled embeddings; embeddings
written beside the adapter that acts on them, other ones than the base's (MOVED), once of their own and once tied; rows of
the embeddings that encoder and decoder share.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python lora_cases.py ../../pefttest/testdata/fixtures [BASE...]
"""
import json
import pathlib
import sys

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

MOVED = "lora-embed-moved"
CASES = {
    ("gpt2_lm", "lora-tokens"): dict(target_modules=["c_attn"], fan_in_fan_out=True, trainable_token_indices=[11, 3, 58]),
    ("gpt2_lm", "lora-save"): dict(target_modules=["c_attn"], fan_in_fan_out=True, modules_to_save=["c_fc"]),
    ("gemma2_lm", "lora"): dict(target_modules=["q_proj", "v_proj", "down_proj"]),
    ("gemma2_lm", "lora-embed"): dict(target_modules=["embed_tokens", "o_proj"]),
    ("gemma2_lm", "lora-tokens"): dict(target_modules=["v_proj"], trainable_token_indices=[11, 3, 30]),
    ("phi3_lm", "lora"): dict(target_modules=["qkv_proj", "gate_up_proj"]),
    ("phi3_lm", "lora-dora"): dict(target_modules="all-linear", use_dora=True),
    ("llama_lm", MOVED): dict(target_modules=["embed_tokens", "lm_head", "v_proj"]),
    ("gemma2_lm", MOVED): dict(target_modules=["embed_tokens", "o_proj"]),
    ("t5_s2s", "lora-tokens"): dict(target_modules=["q", "v"], trainable_token_indices=[11, 3, 30]),
    ("bart_s2s", "lora-tokens"): dict(target_modules=["q_proj", "v_proj"], trainable_token_indices=[11, 3, 30]),
}


def opened(root, base):
    kind = transformers.AutoModelForSeq2SeqLM if base.endswith("s2s") else transformers.AutoModelForCausalLM
    return kind.from_pretrained(root / "bases" / base)


def run(model, args):
    out = model(**args)
    return out, {"logits": out.logits.detach().clone(), "loss": out.loss.detach().clone()}


def make(root, base, name, settings):
    torch.manual_seed(7)
    torch.set_num_threads(1)
    model = opened(root, base)
    io = load_file(root / "bases" / base / "io.safetensors")
    args = {k[3:]: v for k, v in io.items() if k.startswith("in.")}
    if name == MOVED:
        with torch.no_grad():
            below, above = model.get_input_embeddings().weight, model.get_output_embeddings().weight
            for weight in [below] if above is below else [below, above]:
                weight += 0.05 * torch.randn_like(weight)
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, task_type="SEQ_2_SEQ_LM" if base.endswith("s2s") else "CAUSAL_LM", **settings)).eval()
    for p in model.parameters():
        if p.requires_grad:
            p.data += 0.1 * torch.randn_like(p)
    folder = root / "cases" / base / name
    embeddings = "auto" if name == MOVED else False
    model.save_pretrained(folder, save_embedding_layers=embeddings)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config.update(base_model_name_or_path=None)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))

    live = {p.data_ptr(): n for n, p in model.named_parameters() if p.requires_grad}
    saved = {n: t for n, t in get_peft_model_state_dict(model, save_embedding_layers=False).items()}
    others = set(load_file(folder / "adapter_model.safetensors")) - set(saved)
    assert bool(others) == (name == MOVED) and all("base_layer" in n for n in others)
    params = {k: dict(model.named_parameters())[live[t.data_ptr()]] for k, t in saved.items()}
    assert len(params) == len(live)

    golden = {}
    out, values = run(model, args)
    out.loss.backward()
    golden.update({f"out.{k}": v for k, v in values.items()})
    golden.update({f"grad.{k}": p.grad.clone() for k, p in params.items()})
    trainable, total = model.get_nb_trainable_parameters()
    merged = opened(root, base)
    merged = peft.PeftModel.from_pretrained(merged, folder).merge_and_unload().eval()
    diff = abs(run(merged, args)[1]["loss"] - values["loss"]).item()
    if diff > 1e-3:  # a tied head changes with its embeddings: HF PEFT can't merge this, though it doesn't say so
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
    for (base, name), settings in CASES.items():
        if base not in sys.argv[2:] and sys.argv[2:]:
            continue
        make(pathlib.Path(sys.argv[1]), base, name, settings)
