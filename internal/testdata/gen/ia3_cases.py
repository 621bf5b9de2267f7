"""Makes golden cases of the methods of ia3 that the shared set lacks: of HF PEFT, norms of a residual network (with running
statistics that stay, and that follow) and of GPT-2 and T5, (IA)^3 on convolutions, on GPT-2's [in, out] weights and on T5;
of torch alone, since HF PEFT has no such methods, full fine-tuning, BitFit and linear probing: parameters of the bare model
that require gradients.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python internal/testdata/gen/ia3_cases.py internal/pefttest/testdata/fixtures
"""
import copy, json, pathlib, shutil, sys, warnings

import peft, torch, transformers as tr
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(sys.argv[1])
# With torch's eps of 1e-8 Adam moves a value whose gradient is rounding (a key's bias) as far as any other.
OPTIMIZER = dict(type="AdamW", lr=0.01, weight_decay=0.01, betas=[0.9, 0.999], eps=1e-3, steps=3)
KINDS = {
    "imgcls": (tr.AutoModelForImageClassification, None), "lm": (tr.AutoModelForCausalLM, "CAUSAL_LM"),
    "s2s": (tr.AutoModelForSeq2SeqLM, "SEQ_2_SEQ_LM"), "seqcls": (tr.AutoModelForSequenceClassification, "SEQ_CLS"),
}
RESNET = "tiny_resnet_imgcls"
BY_PEFT = {
    (RESNET, "ln"): peft.LNTuningConfig(target_modules=["normalization"], modules_to_save=["classifier"]),
    (RESNET, "ln-trainbn"): peft.LNTuningConfig(target_modules=["normalization"]),
    (RESNET, "ia3"): peft.IA3Config(target_modules=["convolution"], feedforward_modules=r".*layer\.1\.convolution"),
    ("gpt2_lm", "ln"): peft.LNTuningConfig(),
    ("gpt2_lm", "ia3"): peft.IA3Config(),
    ("t5_s2s", "ln"): peft.LNTuningConfig(),
    ("t5_s2s", "ia3"): peft.IA3Config(),
}
bias = lambda n: n.endswith(".bias")
BY_TORCH = {  # settings, and the parameters that train
    (RESNET, "full"): ("FULL", {}, lambda n: True),
    ("gpt2_lm", "full"): ("FULL", {}, lambda n: True),
    ("gpt2_lm", "full-top"): ("FULL", dict(target_modules=["h.1", "ln_f"]), lambda n: ".h.1." in n or ".ln_f." in n),
    ("t5_s2s", "full"): ("FULL", {}, lambda n: True),
    ("gpt2_lm", "bitfit"): ("BITFIT", {}, bias),
    ("bert_seqcls", "bitfit"): (
        "BITFIT", dict(layers_to_transform=1, task_type="SEQ_CLS"), lambda n: bias(n) and ".layer.1." in n or n.startswith("classifier.")),
    ("bert_seqcls", "probe"): ("LINEAR_PROBE", dict(task_type="SEQ_CLS"), lambda n: n.startswith("classifier.")),
    (RESNET, "probe"): ("LINEAR_PROBE", {}, lambda n: n.startswith("classifier.")),
}


def opened(base):
    kind, task = KINDS[base.rsplit("_", 1)[1]]
    return kind.from_pretrained(ROOT / "bases" / base).eval(), task


def outputs(model, args):
    return {k: v.detach().contiguous().clone() for k, v in model(**args).items() if k in ("loss", "logits")}


def write(base, name, folder, kind, model, trained, key, counts, merged, state):
    args = {k[3:]: v for k, v in load_file(ROOT / "bases" / base / "io.safetensors").items() if k.startswith("in.")}
    result = model(**args)
    golden = {"out." + k: v for k, v in outputs(model, args).items()}
    result.loss.backward()
    golden |= {"grad." + key(k): torch.zeros_like(p) if p.grad is None else p.grad.clone() for k, p in trained.items()}
    if merged is not None:
        merged = abs((merged()(**args).loss - result.loss).item())
    o = OPTIMIZER
    adamw = torch.optim.AdamW(trained.values(), lr=o["lr"], weight_decay=o["weight_decay"], betas=o["betas"], eps=o["eps"])
    losses = []
    model.train(name.endswith("-trainbn"))
    for _ in range(o["steps"]):
        adamw.zero_grad()
        loss = model(**args).loss
        loss.backward()
        adamw.step()
        losses.append(loss.item())
    model.eval()
    golden["train.losses"] = torch.tensor(losses)
    golden |= {"train.final." + k: v for k, v in outputs(model, args).items()}
    golden |= {"train.param." + k: v.detach().clone() for k, v in state().items() if "num_batches" not in k}
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    (folder / "case.json").write_text(json.dumps({
        "base": base, "case": name, "peft_type": kind, "trainable": counts[0], "total": counts[1],
        "merge_loss_diff": merged, "train_is_stochastic": False, "optimizer": o,
        "versions": {"torch": torch.__version__.split("+")[0], "transformers": tr.__version__, "peft": peft.__version__},
    }, indent=1) + "\n")


def by_peft(base, name, config):
    model, config.task_type = opened(base)
    folder = ROOT / "cases" / base / name
    m = peft.get_peft_model(copy.deepcopy(model), config).eval()
    trained = {k: p for k, p in m.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for p in trained.values():
            p.add_(torch.randn_like(p) * 0.2)
        for k, p in m.named_buffers():
            if "ln_tuning_layers" in k and p.dtype == torch.float32:
                p.mul_(1 + 0.3 * torch.rand_like(p))
    m.save_pretrained(folder)
    (folder / "README.md").unlink()
    written = json.loads((folder / "adapter_config.json").read_text()) | dict(base_model_name_or_path=None)
    (folder / "adapter_config.json").write_text(json.dumps(written, indent=2, sort_keys=True))
    key = lambda k: k.replace(".default", "").replace(".modules_to_save", "")
    write(base, name, folder, config.peft_type.value, m, trained, key, m.get_nb_trainable_parameters(),
          lambda: peft.PeftModel.from_pretrained(copy.deepcopy(model), folder).merge_and_unload(),
          lambda: peft.get_peft_model_state_dict(m))


def by_torch(base, name, kind, settings, trains):
    model, _ = opened(base)
    folder = ROOT / "cases" / base / name
    folder.mkdir(parents=True)
    for k, p in model.named_parameters():
        p.requires_grad = trains(k)
    trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for p in trained.values():
            p.add_(torch.randn_like(p) * 0.05)
    key = lambda k: "base_model.model." + k
    state = lambda: {key(k): p.detach().contiguous() for k, p in trained.items()}
    save_file(state(), folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = dict(peft_type=kind, peft_version=peft.__version__, auto_mapping=None, base_model_name_or_path=None, revision=None,
                  inference_mode=True, modules_to_save=None, task_type=None)
    if kind != "LINEAR_PROBE":
        config |= dict(target_modules=None, exclude_modules=None, layers_to_transform=None, layers_pattern=None)
    if settings.get("task_type") == "SEQ_CLS":
        config["modules_to_save"] = ["classifier", "score"]
    (folder / "adapter_config.json").write_text(json.dumps(config | settings, indent=2, sort_keys=True))
    size = sum(p.numel() for p in trained.values())
    copied = sum(p.numel() for k, p in trained.items() if k.startswith("classifier.") and (kind == "LINEAR_PROBE" or config["modules_to_save"]))
    total = sum(p.numel() for p in model.parameters()) + copied
    write(base, name, folder, kind, model, trained, key, (size, total), lambda: model, state)


for seed, ((base, name), case) in enumerate((BY_PEFT | BY_TORCH).items()):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    shutil.rmtree(ROOT / "cases" / base / name, ignore_errors=True)
    by_peft(base, name, case) if isinstance(case, peft.PeftConfig) else by_torch(base, name, *case)
