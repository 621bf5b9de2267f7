"""Writes the golden cases of a table of bases, in the folders that package golden reads: ../fixtures/{bases,cases}. The
scripts beside it hold the tables.
"""
import copy, json, pathlib, shutil, warnings

import peft, torch, transformers as tr
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
OUT = pathlib.Path("../fixtures")
OPTIMIZER = dict(type="AdamW", lr=0.01, weight_decay=0.01, betas=[0.9, 0.999], eps=1e-8, steps=3)


def shake_statistics(model):
    """Moves the running statistics of batch norms away from 0 and 1."""
    for m in model.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.running_mean.add_(torch.randn_like(m.running_mean) * 0.3)
            m.running_var.mul_(torch.rand_like(m.running_var) + 0.5)


def shake(params, std):
    """Draws every parameter anew, so that none is 0 or 1 and each matters."""
    with torch.no_grad():
        for p in params:
            p.add_(torch.randn_like(p) * std)


def outputs(model, args):
    return {k: v.detach().contiguous() for k, v in model(**args).items() if torch.is_tensor(v)}


def write_case(base, name, model, config, args):
    folder = OUT / "cases" / base / name
    m = peft.get_peft_model(copy.deepcopy(model), config).eval()
    trained = {k: p for k, p in m.named_parameters() if p.requires_grad}
    shake(trained.values(), 0.2)
    m.save_pretrained(folder)
    (folder / "README.md").unlink()
    key = lambda k: k.replace(".default", "").replace(".modules_to_save", "").replace("magnitude_vector.weight", "magnitude_vector")
    golden = {}
    prompting = isinstance(config, peft.PromptLearningConfig)
    if prompting:
        golden |= {"init." + key(k): p.detach().clone() for k, p in trained.items()}
        again = peft.PeftModel.from_pretrained(copy.deepcopy(model), folder).eval()
        golden |= {"loaded." + k: v for k, v in outputs(again, args).items()}
    result = m(**args)
    golden |= {"out." + k: v.detach().contiguous() for k, v in result.items() if torch.is_tensor(v)}
    result.loss.backward()
    golden |= {"grad." + key(k): p.grad.clone() for k, p in trained.items()}
    counts = m.get_nb_trainable_parameters()
    merged = None
    if not prompting:
        merged = abs((peft.PeftModel.from_pretrained(copy.deepcopy(model), folder).merge_and_unload()(**args).loss - result.loss).item())
    o = OPTIMIZER
    optimizer = torch.optim.AdamW(trained.values(), lr=o["lr"], weight_decay=o["weight_decay"], betas=o["betas"], eps=o["eps"])
    losses = []
    m.train(name.endswith("-trainbn"))
    for _ in range(o["steps"]):
        optimizer.zero_grad()
        loss = m(**args).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    m.eval()
    golden["train.losses"] = torch.tensor(losses)
    golden |= {"train.final." + k: v for k, v in outputs(m, args).items()}
    golden |= {"train.param." + k: v.detach().clone() for k, v in peft.get_peft_model_state_dict(m).items() if "num_batches" not in k}
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    (folder / "case.json").write_text(json.dumps({
        "base": base, "case": name, "peft_type": config.peft_type.value, "trainable": counts[0], "total": counts[1],
        "merge_loss_diff": merged, "train_is_stochastic": False, "optimizer": o,
        "versions": {"torch": "2.15.0", "transformers": tr.__version__, "peft": peft.__version__},
    }, indent=1) + "\n")


def write_all(bases, old):
    """Writes the bases, a name with class, config, arguments and PEFT configs, in place of the old folders (patterns)."""
    for pattern in old:
        for folder in [*OUT.glob("bases/" + pattern), *OUT.glob("cases/" + pattern)]:
            shutil.rmtree(folder)
    for seed, (name, (kind, config, args, cases)) in enumerate(bases.items()):
        torch.manual_seed(seed)
        model = kind(config).eval()
        keep = [] if not getattr(config, "sinusoidal_pos_embds", False) else [model.embeddings.position_embeddings.weight]
        shake([p for p in model.parameters() if all(p is not k for k in keep)], 0.3)
        shake_statistics(model)
        folder = OUT / "bases" / name
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        io = {"in." + k: v for k, v in args.items() if torch.is_tensor(v)} | {"out." + k: v for k, v in outputs(model, args).items()}
        save_file({k: v.contiguous() for k, v in io.items()}, folder / "io.safetensors")
        for case, peft_config in cases.items():
            write_case(name, case, model, peft_config, args)
