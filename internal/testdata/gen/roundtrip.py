"""Trains an adapter of every peft_type with gopeft for five steps, opens it with HF PEFT, and compares the two: logits on
the fixtures' inputs, the number of trainable parameters, and the keys of the file. Prints a table in Markdown.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 scikit-learn==1.9.1 scipy==1.17.1 PyWavelets==1.9.0
    python roundtrip.py [-fixtures DIR] [-finetune PROGRAM] [-infer PROGRAM] [-backend NAME] [-keep DIR] [ROW...]

Rows are CONFIGS' names; without any, all. Programs are built from examples/ where none are named.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, warnings

os.environ["HF_HUB_OFFLINE"] = "1"
import peft, torch, transformers
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
ROOT = pathlib.Path(__file__).resolve().parents[3]
BERT, LLAMA, GPT2 = "bert_seqcls", "llama_lm", "gpt2_lm"
TARGETS = {BERT: ["query", "value", "output.dense"], LLAMA: ["q_proj", "v_proj", "down_proj"], GPT2: ["c_attn", "c_fc"]}
LIMIT = 1e-4


def row(kind, base=BERT, note="", free=(), args=None, **settings):
    """A row; the columns in free ("delta", "trainable", "keys") may differ, and the note says why."""
    return dict(kind=kind, base=base, note=note, free=free, args=args or {}, settings=settings)


def virtual(kind, **settings):
    return row(kind, LLAMA, target_modules=None, num_virtual_tokens=4, **settings)


TWICE = dict(note="saved as a plain LoRA of twice the rank, which HF PEFT opens as such", free=("trainable",))
OWN = dict(note="HF PEFT computes factors of its own from the base when it opens the file, and their signs are not ours", free=("delta", "keys"))
ONCE = dict(note="what layers share stands once in our file, and under each layer in HF PEFT's", free=("keys",))


def lora(base=BERT, **settings):
    return row("LORA", base, r=4, lora_alpha=8, **settings)


CONFIGS = {
    "LORA": lora(),
    "LORA rslora, bias": lora(use_rslora=True, bias="lora_only"),
    "LORA dora": lora(use_dora=True),
    "LORA pissa": lora(init_lora_weights="pissa", **TWICE),
    "LORA olora": lora(LLAMA, init_lora_weights="olora", **TWICE),
    "LORA kasa": lora(kasa_config={"beta": 1e-4, "gamma": 1e-3}),
    "LORA mica": lora(init_lora_weights="mica"),
    "LORA bdlora": lora(use_bdlora={"target_modules_bd_a": ["output.dense"], "target_modules_bd_b": ["query", "value"], "nblocks": 2, "match_strict": True}),
    "LORA alora": lora(LLAMA, alora_invocation_tokens=[58]),
    "LORA velora": lora(velora_config={"num_groups": 8, "scale": 1.0, "init_type": "batch_average"}),
    "LORA monteclora": lora(monteclora_config={"num_samples": 3, "use_entropy": False, "dirichlet_prior": 0.1, "sample_scaler": 1e-4, "kl_loss_weight": 1e-5, "buffer_size": 5}),
    "LORA replicated": lora(LLAMA, layer_replication=[[0, 2], [1, 2]]),
    "LORA parameters": lora(target_modules=["value"], target_parameters=["query.weight"]),
    "LORA tokens": lora(LLAMA, trainable_token_indices=[3, 11]),
    "ADALORA": row("ADALORA", r=8, init_r=4, target_r=2, lora_alpha=8, tinit=1, tfinal=1, total_step=5,
                   note="its budget cropped what it saved; the count is of what trained", free=("trainable",)),
    "ADAMSS": row("ADAMSS", r=6, num_subspaces=3, **OWN),
    "ADAPTION_PROMPT": row("ADAPTION_PROMPT", LLAMA, target_modules=None, adapter_len=4, adapter_layers=1),
    "BEFT": row("BEFT"),
    "BOFT": row("BOFT", boft_block_size=4),
    "C3A": row("C3A", block_size=16),
    "CARTRIDGE": virtual("CARTRIDGE"),
    "CPT": row("CPT", LLAMA, target_modules=None, cpt_token_ids=[5, 6, 7], cpt_mask=[1, 1, 1], cpt_tokens_type_mask=[1, 2, 3]),
    "DEFT": row("DEFT", r=4),
    "DELORA": row("DELORA", r=4),
    "FOURIERFT": row("FOURIERFT", n_frequency=12),
    "FROD": row("FROD", sparse_rate=0.02, **OWN),
    "GLORA": row("GLORA", r=4),
    "GRALORA": row("GRALORA", r=4, alpha=8),
    "HIRA": row("HIRA", r=4),
    "HRA": row("HRA", r=4),
    "IA3": row("IA3", feedforward_modules=["output.dense"]),
    "LILY": row("LILY", LLAMA, r=4, **ONCE),
    "LN_TUNING": row("LN_TUNING", target_modules=["LayerNorm"]),
    "LOHA": row("LOHA", r=3, alpha=6),
    "LOKR": row("LOKR", r=3, alpha=6),
    "MISS": row("MISS", r=4),
    "MULTITASK_PROMPT_TUNING": row("MULTITASK_PROMPT_TUNING", LLAMA, target_modules=None, num_virtual_tokens=4, num_tasks=2, args={"task_ids": [0, 1, 1]}),
    "OFT": row("OFT", oft_block_size=4),
    "OSF": row("OSF", effective_rank=24),
    "P_TUNING": virtual("P_TUNING", encoder_hidden_size=16),
    "PEANUT": row("PEANUT", r=4),
    "POLY": row("POLY", r=3, n_tasks=2, n_skills=2, args={"task_ids": [0, 1, 1]}),
    "PREFIX_TUNING": virtual("PREFIX_TUNING"),
    "PREFIX_TUNING projected": virtual("PREFIX_TUNING", prefix_projection=True, encoder_hidden_size=16),
    "PROMPT_TUNING": virtual("PROMPT_TUNING"),
    "PSOFT": row("PSOFT", r=4, psoft_alpha=4, **OWN),
    "PVERA": row("PVERA", r=4),
    "RANDLORA": row("RANDLORA", r=8, randlora_alpha=16, **ONCE),
    "ROAD": row("ROAD", group_size=16),
    "SHADOW": row("SHADOW", LLAMA, target_modules=None, r=4),
    "SHIRA": row("SHIRA", r=2),
    "SUPERTUNING": row("SUPERTUNING", sparsity=0.95),
    "TINYLORA": row("TINYLORA", u=6),
    "TRAINABLE_TOKENS": row("TRAINABLE_TOKENS", LLAMA, target_modules=["embed_tokens"], token_indices=[3, 11]),
    "UNILORA": row("UNILORA", r=3, theta_d_length=40),
    "VBLORA": row("VBLORA", r=2, num_vectors=10, vector_length=16),
    "VERA": row("VERA", r=6),
    "VERA drawn": row("VERA", r=6, save_projection=False),
    "WAVEFT": row("WAVEFT", n_frequency=12),
    "XLORA": row("XLORA", LLAMA, target_modules=None, xlora_depth=2, xlora_size=8, xlora_dropout_p=0.0, hidden_size=32,
                 note="HF PEFT leaves layers.0 of the classifier out when it saves; it opens a file that has it", free=("keys",)),
    "LORA gpt2": lora(GPT2, fan_in_fan_out=True),
    "FOURIERFT gpt2": row("FOURIERFT", GPT2, n_frequency=12, fan_in_fan_out=True),
    "IA3 gpt2": row("IA3", GPT2, feedforward_modules=["c_fc"], fan_in_fan_out=True),
}


class Failure(Exception):
    pass


def call(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise Failure((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])


class Run:
    """One row in a folder of its own."""

    def __init__(self, flags, row, dir):
        self.flags, self.row, self.dir = flags, row, dir
        self.base = flags.fixtures / "bases" / row["base"]
        dir.mkdir(parents=True)
        self.args = {k[3:]: v for k, v in load_file(self.base / "io.safetensors").items() if k.startswith("in.")}
        self.args |= {k: torch.tensor(v) for k, v in row["args"].items()}
        self.batch = dir / "in.safetensors"
        save_file(self.args, self.batch)
        self.task = "SEQ_CLS" if row["base"] == BERT else "CAUSAL_LM"

    def config(self):
        c = {"peft_type": self.row["kind"], "task_type": self.task, "target_modules": TARGETS[self.row["base"]]}
        c |= self.row["settings"]
        return {k: v for k, v in c.items() if v is not None}

    def train(self, config, name, seed=1):
        out = self.dir / name
        recipe = {
            "backbone": str(self.base), "adapter": {"config": config}, "train": {"tensors": str(self.batch)}, "steps": 5, "seed": seed,
            "optimizer": {"type": "adamw", "lr": 0.01, "weight_decay": 0.01}, "schedule": {"type": "constant"}, "max_grad_norm": 0,
            "out": str(out),
        }
        file = self.dir / (name + ".json")
        file.write_text(json.dumps(recipe, indent=1))
        call(self.flags.finetune, file, *self.flags.engine)
        return out

    def open(self):
        kind = transformers.AutoModelForSequenceClassification if self.row["base"] == BERT else transformers.AutoModelForCausalLM
        return kind.from_pretrained(self.base, attn_implementation="eager").eval()

    def peft(self, adapter, trainable):
        model = self.open()
        if self.row["kind"] != "XLORA":
            return peft.PeftModel.from_pretrained(model, adapter, is_trainable=trainable).eval()
        model.config.use_cache = False
        config = peft.XLoraConfig.from_pretrained(adapter)
        config.adapters = self.experts
        return peft.PeftModel.from_pretrained(model, adapter, config=config, is_trainable=trainable).eval()

    def trainable(self, adapter):
        config = peft.PeftConfig.from_pretrained(adapter)
        if not config.is_prompt_learning:
            return self.peft(adapter, True).get_nb_trainable_parameters()[0]
        config.inference_mode = False
        return peft.get_peft_model(self.open(), config).get_nb_trainable_parameters()[0]

    def __call__(self):
        config = self.config()
        if self.row["kind"] == "XLORA":
            expert = {"peft_type": "LORA", "task_type": self.task, "r": 3, "lora_alpha": 6, "target_modules": TARGETS[self.row["base"]]}
            self.experts = {str(n): str(self.train(expert, f"expert{n}", seed=n) / "adapter") for n in range(2)}
            config["adapters"] = self.experts
        out = self.train(config, "run")
        adapter = out / "adapter"
        call(self.flags.infer, "-backbone", self.base, "-adapter", adapter, "-in", self.batch, "-out", self.dir / "out.safetensors", *self.flags.engine)
        ours = load_file(self.dir / "out.safetensors")["logits"]
        with torch.no_grad():
            model = self.peft(adapter, False)
            args = {k: v for k, v in self.args.items() if k != "labels"}  # with them HF PEFT's AdaLoRA wants to train
            theirs = model(**args).logits
            bare = self.open()(**{k: v for k, v in args.items() if k not in self.row["args"]}).logits
        if theirs.shape != ours.shape:
            raise Failure(f"logits {list(ours.shape)} here, {list(theirs.shape)} in HF PEFT")
        if torch.equal(theirs[:, -bare.shape[1]:], bare):
            raise Failure("HF PEFT opens it and takes nothing from it")
        with_file = set(load_file(adapter / "adapter_model.safetensors"))
        in_theirs = set(get_peft_model_state_dict(model))
        return {
            "delta": (theirs - ours).abs().max().item(),
            "trainable": (json.loads((out / "summary.json").read_text())["trainable"], self.trainable(adapter)),
            "more": sorted(with_file - in_theirs), "less": sorted(in_theirs - with_file),
        }


def cell(r):
    """A row's cells, and the columns that differ."""
    keys = "yes" if not r["more"] and not r["less"] else f"no: {len(r['more'])} more, {len(r['less'])} fewer ({(r['more'] + r['less'])[0]})"
    ours, theirs = r["trainable"]
    off = {c for c, o in {"delta": not r["delta"] <= LIMIT, "trainable": ours != theirs, "keys": keys != "yes"}.items() if o}
    return f"{r['delta']:.1e} | {f'no: {ours}, HF PEFT {theirs}' if ours != theirs else 'yes'} | {keys}", off


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-fixtures", type=pathlib.Path, default=ROOT / "internal/pefttest/testdata/fixtures")
    p.add_argument("-finetune", type=pathlib.Path)
    p.add_argument("-infer", type=pathlib.Path)
    p.add_argument("-backend", default="")
    p.add_argument("-keep", type=pathlib.Path, help="folder to leave recipes, adapters and outputs in")
    p.add_argument("rows", nargs="*")
    flags = p.parse_args()
    flags.engine = ["-backend", flags.backend] if flags.backend else []
    unknown = set(flags.rows) - set(CONFIGS)
    if unknown:
        p.error(f"no rows {sorted(unknown)}; there are {', '.join(CONFIGS)}")
    missing = {t.value for t in peft.PeftType} - {c["kind"] for c in CONFIGS.values()}
    assert not missing, f"types without a row: {missing}"
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for program in ("finetune", "infer"):
            if getattr(flags, program) is None:
                setattr(flags, program, scratch / program)
                subprocess.run(["go", "build", "-o", scratch / program, f"./examples/{program}"], cwd=ROOT, check=True)
            setattr(flags, program, getattr(flags, program).resolve())
        flags.fixtures = flags.fixtures.resolve()
        print("type | base | max abs Δlogit | trainable equal | keys equal | note\n---|---|---|---|---|---", flush=True)
        bad = waiting = 0
        for number, (name, config) in enumerate(CONFIGS.items()):
            if flags.rows and name not in flags.rows:
                continue
            try:
                dir = (flags.keep or scratch / "runs").resolve() / f"{number:02}-{name.replace(' ', '-').replace(',', '')}"
                r = Run(flags, config, dir)()
                line, off = cell(r)
                off -= set(config["free"])
                bad += bool(off)
            except Failure as e:
                known = not any(s in str(e) for s in ("unknown peft_type", "unknown type", "is not supported"))
                line = ("**fails**" if known else "not known") + f" |  |  | {str(e).split(' (imported')[0][:160]}"
                bad, waiting = bad + known, waiting + (not known)
                print(f"{name} | {config['base']} | {line}", flush=True)
                continue
            except Exception as e:
                bad += 1
                print(f"{name} | {config['base']} | **HF PEFT does not open it** |  |  | {type(e).__name__}: {str(e).splitlines()[0][:160]}", flush=True)
                continue
            print(f"{name} | {config['base']} | {line} | {'**differs** ' if off else ''}{config['note']}", flush=True)
        print(f"\n{bad} rows differ, {waiting} types or options are not known yet.")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
