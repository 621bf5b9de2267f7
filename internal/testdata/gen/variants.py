"""Makes the golden cases of HF PEFT's types and options that ../../pefttest/testdata/fixtures lacks, in its format, with
HF PEFT itself; the table is in variants_cases.py.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 scikit-learn==1.9.1 scipy==1.17.1 PyWavelets==1.9.0
    python variants.py ../../pefttest/testdata/fixtures ../../pefttest/testdata/variants [BASE/CASE-pattern...]

Each case: an adapter is put on the base and its trainable values moved, saved, and opened on a fresh base; outputs,
gradients and five AdamW steps are of that opened one, in evaluation mode. Beyond what the fixtures hold, golden.safetensors has

    in.*            forward's arguments where they are not the base's
    start.KEY       what HF PEFT's start makes of the base, before anything was moved (signs of singular vectors are free)
    start.base.PATH weights of the base that the start changed, of a case or two
    extra.*         values of a method beside its outputs; variants_cases.py says which
    train.param.KEY of the values that training moves alone

and case.json "training_mode": true where the steps ran in training mode, "inference_only": true where HF PEFT cannot
train from the file, "changes_base": true where the start changes the base and gopeft saves a plain LoRA instead (no
train.param then), "other_trajectory": why the five steps bind nobody. factors.safetensors: what a file lacks and HF PEFT
computes anew from the base.

mixed/BASE/NAME holds adapters that act at once, in the order of their folders' names, and golden.safetensors "out.*".
"""
import contextlib, fnmatch, json, os, pathlib, re, shutil, sys, warnings, zlib

os.environ["HF_HUB_OFFLINE"] = "1"
import importlib.metadata

VERSIONS = {
    "torch": "2.15.0", "transformers": "5.23.0", "peft": "0.21.2",
    "scikit-learn": "1.9.1", "scipy": "1.17.1", "PyWavelets": "1.9.0",
}
for name, want in VERSIONS.items():
    have = importlib.metadata.version(name).split("+")[0]
    if have != want:
        sys.exit(f"{name} is {have}; the goldens are made with {want}")

import peft, torch, transformers
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
OPTIMIZER = dict(type="AdamW", lr=0.01, weight_decay=0.01, betas=[0.9, 0.999], eps=1e-8, steps=5)
CLASSES = {
    "seqcls": transformers.AutoModelForSequenceClassification,
    "lm": transformers.AutoModelForCausalLM,
    "imgcls": transformers.AutoModelForImageClassification,
    "ctc": transformers.AutoModelForCTC,
}
TASKS = {"seqcls": "SEQ_CLS", "lm": "CAUSAL_LM", "imgcls": None, "ctc": None}


class Base:
    """A base of the fixtures."""

    def __init__(self, root, name):
        self.dir, self.name = root / "bases" / name, name
        self.kind = name.rsplit("_", 1)[1]
        self.task = TASKS[self.kind]
        self.args = {k[3:]: v for k, v in load_file(self.dir / "io.safetensors").items() if k.startswith("in.")}

    def open(self):
        m = CLASSES[self.kind].from_pretrained(self.dir, attn_implementation="eager" if self.kind in ("lm", "seqcls") else None)
        m.config._name_or_path = str(self.dir)
        return m.eval()


class Case:
    """One case: how its config is made, and what is otherwise than usual."""

    def __init__(self, config, std=0.1, args=None, start=False, stochastic=False, training=False, inference_only=False,
                 extra=None, factors=None, prepare=None, move=None, regularised=False, changes_base=False, finish=None,
                 within=contextlib.nullcontext, counted=True, other_trajectory=""):
        self.config = config                  # (base) -> PeftConfig
        self.std = std                        # how far the trainable values are moved
        self.args = args                      # (args) -> args, forward's arguments
        self.start = start                    # whether the start's own values are kept, "base": what it made of the base too
        self.stochastic, self.training, self.inference_only = stochastic, training, inference_only
        self.extra = extra                    # (PeftModel, args) -> tensors
        self.factors = factors                # (PeftModel) -> tensors
        self.prepare = prepare                # (model, config, args): what a start needs before the adapter is put on
        self.finish = finish                  # (PeftModel, args): what is done after moving and before saving
        self.within = within                  # () -> context manager that the case is made in
        self.other_trajectory = other_trajectory # why nobody need repeat the five steps
        self.counted = counted                # whether the counts of parameters mean something
        self.changes_base = changes_base
        self.other_trajectory = other_trajectory  # why the five steps bind nobody
        self.regularised = regularised        # whether the unmerged loss has a term that the merged one lacks
        self.move = move                      # (name, parameter) -> None, in place of moving by std

    def put(self, model, config, folder):
        return peft.get_peft_model(model, config)

    def load(self, model, folder):
        return peft.PeftModel.from_pretrained(model, folder, is_trainable=not self.inference_only)

    def save(self, model, folder):
        model.save_pretrained(folder)


def trainable(model):
    """The trainable parameters, of those that share their memory the first."""
    out, places = {}, set()
    for n, p in model.named_parameters():
        if p.requires_grad and p.data_ptr() not in places:
            places.add(p.data_ptr())
            out[n] = p
    return out


def gather(model):
    """Adds up the gradients of parameters that share their memory, which HF PEFT ties so: as it stands, torch's optimisers
    would step the shared values once for each."""
    first = {p.data_ptr(): p for p in trainable(model).values()}
    for p in model.parameters():
        main = first.get(p.data_ptr())
        if main is not None and p is not main and p.requires_grad and p.grad is not None:
            main.grad += p.grad if p.shape == main.shape else p.grad.T
            p.grad = None


def move(case, model):
    with torch.no_grad():
        for n, p in trainable(model).items():
            if case.move is None:
                p.add_(case.std * torch.randn_like(p))
            else:
                case.move(n, p)


def saved(model):
    return {k: v.detach().clone() for k, v in get_peft_model_state_dict(model, save_embedding_layers=False).items()}


def keys(model):
    """Each trainable parameter's key in the file."""
    by_place = {}
    for k, t in get_peft_model_state_dict(model, save_embedding_layers=False).items():
        by_place.setdefault((t.data_ptr(), t.shape), []).append(k)
    names = {}
    for n, p in trainable(model).items():
        plain = n.replace(".default", "").replace(".modules_to_save", "")
        keys = by_place.get((p.data_ptr(), p.shape), [plain])
        names[n] = plain if plain in keys else keys[0]
        expert = re.fullmatch(r"base_model\.lora_model\.(.*)\.lora_([AB])\.(\d+)\.weight", n)
        if expert:
            names[n] = "expert{2}/base_model.{0}.lora_{1}.weight".format(*expert.groups())
    assert len(set(names.values())) == len(names), names
    return names


def outputs(model, args):
    out = model(**args)
    return out, {k: out[k].detach().clone() for k in ("logits", "loss")}


def tidy(folder):
    """Takes from the configs what is not the same on every machine."""
    for config in folder.rglob("adapter_config.json"):
        d = json.loads(config.read_text())
        d["base_model_name_or_path"] = None
        for k, v in d.items():
            if isinstance(v, list) and all(isinstance(x, str) for x in v):
                d[k] = sorted(v)
        if d["peft_type"] == "XLORA":
            d["adapters"] = {k: pathlib.Path(v).name for k, v in d["adapters"].items()}
        config.write_text(json.dumps(d, indent=2, sort_keys=True) + "\n")
    for readme in folder.rglob("README.md"):
        readme.unlink()


def changed(before, model):
    """The base's weights that differ, by their path in the base."""
    out = {}
    for n, p in model.get_base_model().state_dict().items():
        n = n.replace(".base_layer", "")
        if n in before and p.shape == before[n].shape and not torch.equal(p, before[n]):
            out[n] = p.detach().clone()
    return out


def slope(model, args, name):
    """Tells where the gradient is not that of the loss, by a finite difference in float64 along a random direction."""
    def loss():
        out = model(**args)
        if out.logits.dim() != 3 or out.logits.shape[:2] != args["labels"].shape:
            return out.loss
        # transformers casts a language model's logits down before the loss.
        return torch.nn.functional.cross_entropy(out.logits[:, :-1].flatten(0, 1), args["labels"][:, 1:].flatten())

    try:
        model = model.double()
        args = {k: v.double() if v.is_floating_point() else v for k, v in args.items()}
        params = list(trainable(model).values())
        ways = [torch.randn_like(p) for p in params]
        loss().backward()
        gather(model)
        want = sum((p.grad * w).sum().item() for p, w in zip(params, ways) if p.grad is not None)
        losses = []
        with torch.no_grad():
            for step in (1e-4, -2e-4):
                for p, w in zip(params, ways):
                    p.add_(step * w)
                losses.append(loss().item())
    except RuntimeError as e:
        print(f"  {name} does not run in float64: {str(e)[:80]}")
        return
    got = (losses[0] - losses[1]) / 2e-4
    if abs(got - want) > 5e-3 * max(abs(want), 0.5):
        print(f"  {name}: the loss rises by {got:.6f}, its gradient says {want:.6f}")


def optimise(model, args, params, training):
    o = OPTIMIZER
    optimizer = torch.optim.AdamW(params, lr=o["lr"], weight_decay=o["weight_decay"], betas=o["betas"], eps=o["eps"])
    losses = []
    model.train(training)
    for _ in range(o["steps"]):
        model.zero_grad()
        loss = model(**args).loss
        loss.backward()
        gather(model)
        optimizer.step()
        losses.append(loss.detach())
    model.eval()
    return torch.stack(losses)


def make(base, name, case, out):
    torch.manual_seed(zlib.crc32(f"{base.name}/{name}".encode()))
    folder = out / "cases" / base.name / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    args = case.args(dict(base.args)) if case.args else base.args
    golden = {} if case.args is None else {"in." + k: v for k, v in args.items()}

    model, config = base.open(), case.config(base)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    if case.prepare:
        model = case.prepare(model, config, args) or model
    m = model if isinstance(model, peft.PeftModel) else case.put(model, config, folder)
    m.eval()
    if case.start:
        golden |= {"start." + k: v for k, v in saved(m).items()}
        if case.start == "base":
            golden |= {"start.base." + k: v for k, v in changed(before, m).items()}
    move(case, m)
    if case.finish:
        case.finish(m, args)
    case.save(m, folder)
    tidy(folder)

    m = case.load(base.open(), folder).eval()
    counts = m.get_nb_trainable_parameters()
    twice = sum(p.numel() for p in m.parameters() if p.requires_grad) - sum(p.numel() for p in trainable(m).values())
    counts = (counts[0] - twice, counts[1] - twice) if case.counted else (0, 0)
    result, values = outputs(m, args)
    golden |= {"out." + k: v for k, v in values.items()}
    if case.factors:
        save_file({k: v.contiguous() for k, v in case.factors(m).items()}, folder / "factors.safetensors")
    merged = None
    try:
        other = case.load(base.open(), folder).eval()
        try:
            other = other.merge_and_unload()
        except AttributeError: # which it raises where a module saved whole is a Sequential
            other.merge_adapter()
        merged = abs((other(**args).loss - values["loss"]).item())
        if merged > 1e-3 and not case.regularised:
            merged = print(f"  {base.name}/{name} merges wrongly, off by {merged:.3g}")
    except Exception as e:
        print(f"  {base.name}/{name} does not merge: {type(e).__name__}: {str(e)[:100]}")
    if not case.inference_only:
        key = keys(m)
        params = trainable(m)
        result.loss.backward()
        gather(m)
        golden |= {"grad." + key[n]: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in params.items()}
        state = torch.get_rng_state()
        slope(case.load(base.open(), folder).eval(), args, f"{base.name}/{name}")
        torch.set_rng_state(state)
        if case.extra:
            golden |= {"extra." + k: v.detach().clone() for k, v in case.extra(m, args, key).items()}
        first = saved(m)
        golden["train.losses"] = optimise(m, args, params.values(), case.training)
        golden |= {"train.final." + k: v for k, v in outputs(m, args)[1].items()}
        last = saved(m)
        moved = {key[n]: p.detach() for n, p in params.items()} | {k: v for k, v in last.items() if not torch.equal(v, first[k])}
        if not case.changes_base:
            golden |= {"train.param." + k: v for k, v in moved.items()}
    elif case.extra:
        golden |= {"extra." + k: v.detach().clone() for k, v in case.extra(m, args, {}).items()}
    assert all(torch.isfinite(v).all() for v in golden.values() if v.is_floating_point()), "not finite"
    save_file({k: v.contiguous().clone() for k, v in sorted(golden.items())}, folder / "golden.safetensors")
    about = {
        "base": base.name, "case": name, "peft_type": json.loads((folder / "adapter_config.json").read_text())["peft_type"],
        "trainable": counts[0], "total": counts[1], "merge_loss_diff": merged, "train_is_stochastic": case.stochastic,
    }
    about |= {k: True for k, v in {
        "training_mode": case.training, "inference_only": case.inference_only, "changes_base": case.changes_base,
    }.items() if v}
    if case.other_trajectory:
        about["other_trajectory"] = case.other_trajectory
    about |= {"optimizer": OPTIMIZER, "versions": VERSIONS}
    if case.other_trajectory:
        about["other_trajectory"] = case.other_trajectory
    (folder / "case.json").write_text(json.dumps(about, indent=1) + "\n")
    for line in (folder / "adapter_config.json").read_text().splitlines():
        assert "/" not in line, line  # a path of this machine
    moved_by = (values["logits"] - base.open()(**{k: v for k, v in args.items() if k != "task_ids"}).logits).abs().max().item()
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{base.name}/{name}: loss {values['loss'].item():.4f} moved {moved_by:.3g} merge {merged} trainable {counts[0]} bytes {size}", flush=True)


def make_mixed(base, name, configs, out):
    torch.manual_seed(zlib.crc32(f"{base.name}/{name}".encode()))
    folder = out / "mixed" / base.name / name
    shutil.rmtree(folder, ignore_errors=True)
    names = []
    for n, config in enumerate(configs):
        m = peft.get_peft_model(base.open(), config).eval()
        with torch.no_grad():
            for p in trainable(m).values():
                p.add_(0.1 * torch.randn_like(p))
        names.append(f"{n}-{config.peft_type.value.lower()}")
        m.save_pretrained(folder / names[-1])
    tidy(folder)
    kind = peft.PeftModel if len({c.peft_type for c in configs}) == 1 else peft.PeftMixedModel
    m = kind.from_pretrained(base.open(), folder / names[0], adapter_name="zero")
    given = ["zero"] + [f"other{n}" for n in range(1, len(names))]
    for place, label in zip(names[1:], given[1:]):
        m.load_adapter(folder / place, adapter_name=label)
    m.base_model.set_adapter(given)
    values = outputs(m.eval(), base.args)[1]
    save_file({"out." + k: v.contiguous() for k, v in values.items()}, folder / "golden.safetensors")
    print(f"mixed {base.name}/{name}: loss {values['loss'].item():.4f}", flush=True)


def main(fixtures, out, patterns):
    from variants_cases import CASES, MIXED

    torch.set_num_threads(1)
    bases, failed = {}, []
    for (base, name), case in CASES.items():
        if patterns and not any(fnmatch.fnmatch(f"{base}/{name}", p) for p in patterns):
            continue
        if base not in bases:
            bases[base] = Base(fixtures, base)
        try:
            with case.within():
                make(bases[base], name, case, out)
        except Exception as e:
            shutil.rmtree(out / "cases" / base / name, ignore_errors=True)
            failed.append(f"{base}/{name}: {type(e).__name__}: {e}")
            if os.environ.get("VERBOSE"):
                import traceback
                traceback.print_exc()
    for (base, name), configs in MIXED.items():
        if patterns and not any(fnmatch.fnmatch(f"mixed/{base}/{name}", p) for p in patterns):
            continue
        make_mixed(bases.setdefault(base, Base(fixtures, base)), name, configs, out)
    for line in failed:
        print("FAILED", line[:300])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    sys.modules["variants"] = sys.modules["__main__"]
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
