"""Writes lora/adalora/testdata/budget: what HF PEFT's AdaLoRA makes of a run whose budget falls, on the golden bert_seqcls.
adapter_config.json and adapter_model.safetensors are what the run begins with, with B, A and E random; run.safetensors holds its
losses, E of each target after each step (E.STEP.TARGET) and all values after the last one (end.KEY).
Made with torch 2.15.0, transformers 5.23.0 and peft 0.21.2; run it as `python adalora_budget.py` here."""

import json
import pathlib

import torch
from peft import AdaLoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import BertForSequenceClassification

here = pathlib.Path(__file__).resolve().parent
base = here.parents[1] / "pefttest" / "testdata" / "fixtures" / "bases" / "bert_seqcls"
out = here.parents[2] / "lora" / "adalora" / "testdata" / "budget"
out.mkdir(parents=True, exist_ok=True)

torch.manual_seed(7)
steps = 14
config = AdaLoraConfig(init_r=6, target_r=3, tinit=2, tfinal=3, deltaT=2, total_step=steps, beta1=0.5, beta2=0.95, orth_reg_weight=0.1,
                       lora_alpha=8, target_modules=["query", "value"], task_type="SEQ_CLS")
model = get_peft_model(BertForSequenceClassification.from_pretrained(base), config).eval()
for name, p in model.named_parameters():
    if "lora_" in name:
        torch.nn.init.normal_(p, std=0.2)
start = {k: v.clone() for k, v in get_peft_model_state_dict(model).items()}
save_file({k: v.contiguous() for k, v in start.items()}, out / "adapter_model.safetensors")
written = {k: sorted(v) if isinstance(v, set) else v for k, v in config.to_dict().items()} | {"base_model_name_or_path": None}
(out / "adapter_config.json").write_text(json.dumps(written, indent=1, sort_keys=True, default=str))

args = {k.removeprefix("in."): v for k, v in load_file(base / "io.safetensors").items() if k.startswith("in.")}
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.01)
losses, run = [], {}
for step in range(1, steps + 1):
    loss = model(**args).loss
    losses.append(loss.item())
    loss.backward()
    optimizer.step()
    model.base_model.update_and_allocate(step)
    optimizer.zero_grad()
    for name, p in model.named_parameters():
        if "lora_E" in name:
            run[f"E.{step}.{name.removeprefix('base_model.model.').removesuffix('.lora_E.default')}"] = p.detach().clone()
run["losses"] = torch.tensor(losses)
final = dict(model.named_parameters())
for key in start:
    name = key + ".default" if "lora_" in key else key.replace("classifier.", "classifier.modules_to_save.default.")
    run["end." + key] = final[name].detach().clone()
save_file({k: v.contiguous() for k, v in run.items()}, out / "run.safetensors")
print(losses, [(int((v != 0).sum())) for k, v in run.items() if k.startswith("E.14")])
