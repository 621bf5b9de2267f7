#!/usr/bin/env python3
"""Times a training step of every method of methods.json, ours and HF PEFT's in turns, and prints a table in Markdown.

    make bench-methods                                 from the project's root
    examples/bench/methods.py [-rounds 2] [-steps 12] [-only lora,vera] [-list FILE.json] [-python PATH] [-peer FILE]

Needs an interpreter with torch, transformers and peft (scikit-learn besides for AdaMSS): -python, else PYTHON, else
python3; and HF PEFT's side of the cell, bench/peer_torch.py of the shared folder: -peer, else that of SHARED, else of
../shared. GOMLX_BACKEND names our engine, as ever. This script itself needs no package.

An entry of the list has a name, a config as in adapter_config.json and, where it is not minilm with 16 rows, a backbone and
a batch. Rounds run one after another, in each all methods, and in each method first HF PEFT and then ours; a cell is the best
of its rounds' medians. "to our LoRA" is to the first LoRA in the list on the same backbone, which is timed though -only leave
it out. A side that fails is told below the table, and the script then ends with 1.
"""
import argparse, json, os, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("SHARED") or os.path.join(root, "..", "shared")
    p.add_argument("-rounds", type=int, default=2)
    p.add_argument("-steps", type=int, default=12)
    p.add_argument("-warmup", type=int, default=3)
    p.add_argument("-seq", type=int, default=128)
    p.add_argument("-only", default="", help="names, with commas between them")
    p.add_argument("-list", default=os.path.join(here, "methods.json"))
    p.add_argument("-python", default=os.environ.get("PYTHON") or "python3")
    p.add_argument("-peer", default=os.path.join(shared, "bench", "peer_torch.py"))
    return p.parse_args()


def call(command):
    """Gives the JSON line that a command ends with, or what it says is wrong."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as e:
        return None, str(e)
    if done.returncode != 0:
        return None, (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    try:
        return json.loads(done.stdout.strip().splitlines()[-1]), None
    except (IndexError, ValueError):
        return None, "printed no JSON line"


class Cell:
    """One method, and what was measured of it on either side."""

    def __init__(self, entry, args):
        self.name, self.config = entry["name"], entry["config"]
        self.backbone, self.batch = entry.get("backbone", "minilm"), entry.get("batch", 16)
        self.args, self.theirs, self.ours, self.wrong = args, [], [], {}

    def run(self, binary, folder):
        a, size = self.args, {"backbone": self.backbone, "batch": self.batch}
        peer = {**size, "seq": a.seq, "steps": a.steps, "warmup": a.warmup, "config": self.config}
        self.measure("HF PEFT", self.theirs, [a.python, a.peer, json.dumps(peer)])
        path = os.path.join(folder, "config.json")
        with open(path, "w") as f:
            json.dump(self.config, f)
        self.measure("ours", self.ours, [binary, "-backbone", self.backbone, "-config", path, "-batch", str(self.batch),
                                         "-seq", str(a.seq), "-steps", str(a.steps), "-warmup", str(a.warmup)])

    def measure(self, side, to, command):
        if side in self.wrong:  # it fails again
            return
        line, wrong = call(command)
        if wrong:
            self.wrong[side] = wrong
        else:
            to.append(line)

    def is_lora(self):
        return self.config.get("peft_type") == "LORA"


def best(lines, field):
    return min((line[field] for line in lines), default=None)


def ratio(a, b):
    return f"{a / b:.2f}" if a and b else "-"


def number(x):
    return f"{x:,.0f}" if x is not None else "-"


def row(cell, lora):
    ours, theirs = best(cell.ours, "step_ms"), best(cell.theirs, "step_ms")
    n, m = best(cell.ours, "trainable"), best(cell.theirs, "trainable")
    trainable = number(n if n is not None else m) if n == m or None in (n, m) else f"{number(n)} (HF PEFT: {number(m)})"
    return (f"| {cell.name} | {number(ours)} | {number(theirs)} | {ratio(ours, theirs)} | "
            f"{ratio(ours, best(lora.ours, 'step_ms')) if lora else '-'} | "
            f"{ratio(best(cell.ours, 'peak_rss_mib'), best(cell.theirs, 'peak_rss_mib'))} | {trainable} |")


def main():
    args = arguments()
    with open(args.list) as f:
        cells = [Cell(entry, args) for entry in json.load(f)]
    loras = {}
    for c in cells:
        if c.is_lora():
            loras.setdefault(c.backbone, c)
    if args.only:
        names = args.only.split(",")
        unknown = sorted(set(names) - {c.name for c in cells})
        if unknown:
            sys.exit(f"methods.py: {args.list} has no {', '.join(unknown)}")
        wanted = [c for c in cells if c.name in names]
        cells = [c for c in cells if c in wanted or c in (loras.get(w.backbone) for w in wanted)]
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "bench")
        subprocess.run(["go", "build", "-o", binary, "./examples/bench"], cwd=root, check=True)
        for i in range(args.rounds):
            for c in cells:
                print(f"round {i + 1} of {args.rounds}: {c.name}", file=sys.stderr, flush=True)
                c.run(binary, folder)
    print("| method | ours, ms | HF PEFT, ms | ours to HF PEFT | to our LoRA | memory to HF PEFT | trainable |")
    print("|---|---|---|---|---|---|---|")
    for c in cells:
        print(row(c, loras.get(c.backbone)))
    engine = next((c.ours[0]["engine"] for c in cells if c.ours), "ours")
    versions = next((c.theirs[0]["versions"] for c in cells if c.theirs), {})
    peer = ", ".join(f"{name} {v}" for name, v in versions.items())
    print(f"\n{engine} beside {peer or 'no HF PEFT'}, {os.cpu_count()} cores; minilm 16x{args.seq} where no other is named; "
          f"the best of {args.rounds} rounds' medians of {args.steps} steps, in turns.")
    failed = [f"{c.name}, {side}: {what}" for c in cells for side, what in c.wrong.items()]
    if failed:
        print("\nFailed:\n- " + "\n- ".join(failed))
        sys.exit(1)


if __name__ == "__main__":
    main()
