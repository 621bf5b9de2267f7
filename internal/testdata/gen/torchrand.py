"""Makes internal/torchrand/testdata/draws.json: what torch's CPU generator and numpy's generators draw from a seed.

    pip install torch==2.15.0 numpy==2.4.6
    python torchrand.py ../../torchrand/testdata/draws.json

It needs a CPU with AVX2, as nearly all x86-64 have, 1 GB of memory and some minutes, for two permutations of 2**32/20 elements.

A case is a generator with a seed, and calls made on it one after the other. A call has its name, its count n, its arguments
and the draws: their bits as whole numbers if they are few, or else the SHA-256 of their little-endian bytes, and the first and
the last of them.
"""
import hashlib
import json
import sys

import numpy as np
import torch

SIZES = (1, 5, 15, 16, 17, 31, 100, 1000, 70000)
FULL, ENDS = 31, 3


def bits(x):
    """The bits of an array as whole numbers; integers of 64 bits stay signed."""
    if x.dtype == torch.bfloat16:
        x = x.view(torch.int16)
    x = x.numpy() if isinstance(x, torch.Tensor) else np.asarray(x)
    signed = np.issubdtype(x.dtype, np.integer) and x.dtype.itemsize == 8
    return x if signed else x.view({2: np.uint16, 4: np.uint32, 8: np.uint64}[x.dtype.itemsize])


def record(name, n, args, drawn):
    x = bits(drawn)
    call = dict(call=name, n=n)
    if args:
        call["args"] = args
    if len(x) <= FULL:
        return dict(call, bits=x.tolist())
    sha = hashlib.sha256(np.ascontiguousarray(x).astype(x.dtype.newbyteorder("<")).tobytes()).hexdigest()
    return dict(call, sha256=sha, ends=x[:ENDS].tolist() + x[-ENDS:].tolist())


def torch_call(g, name, n, args):
    empty = lambda dtype: torch.empty(n, dtype=dtype)
    match name:
        case "uniform": return empty(torch.float32).uniform_(*args, generator=g)
        case "uniform64": return empty(torch.float64).uniform_(*args, generator=g)
        case "uniform16": return empty(torch.bfloat16).uniform_(*args, generator=g)
        case "normal": return torch.normal(*args, size=(n,), generator=g)
        case "normal64": return empty(torch.float64).normal_(*args, generator=g)
        case "integers": return torch.randint(*args, (n,), generator=g)
        case "bernoulli": return torch.bernoulli(torch.linspace(*args, n), generator=g)
        case "perm": return torch.randperm(n, generator=g)
        case "perm_head": return torch.randperm(n, generator=g, dtype=torch.int32)[: args[0]].long()
    raise ValueError(name)


def default_rng_call(g, name, n, args):
    match name:
        case "random": return g.random(n)
        case "integers": return g.integers(*args, size=n)
        case "choice": return g.choice(args[0], size=n, replace=bool(args[1]))
        case "permutation": return g.permutation(n)
        case "shuffle":  # of what several choices gave, as UniLoRA does
            x = np.arange(n) * 3
            g.shuffle(x)
            return x
    raise ValueError(name)


def random_state_call(g, name, n, args):
    match name:
        case "random": return g.random_sample(n)
        case "integers": return g.randint(*args, size=n)
        case "choice": return g.choice(args[0], size=n, replace=bool(args[1]))
        case "permutation": return g.permutation(n)
        case "weighted":  # p goes down from the first to the last; 0 in every third place
            p = np.arange(args[0], 0, -1, dtype=np.float64)
            p[2::3] = 0
            return g.choice(args[0], size=n, replace=bool(args[1]), p=p / p.sum())
        case "even":  # as scikit-learn's k-means for float32 data
            w = np.ones(args[0], dtype=np.float32)
            return g.choice(args[0], size=n, replace=bool(args[1]), p=w / w.sum())
    raise ValueError(name)


def case(rng, seed, calls):
    make, call = {
        "torch": (lambda s: torch.Generator().manual_seed(s), torch_call),
        "default_rng": (np.random.default_rng, default_rng_call),
        "random_state": (np.random.RandomState, random_state_call),
    }[rng]
    g = make(seed)
    return dict(rng=rng, seed=seed, calls=[record(n, k, args, call(g, n, k, args)) for n, k, args in calls])


cases = []
torch_args = {
    "uniform": [(0.0, 1.0), (-0.3, 0.7), (-0.0123, 0.0123)],
    "uniform64": [(0.0, 1.0), (-0.0123, 0.0123)],
    "uniform16": [(0.0, 1.0), (-0.3, 0.7), (-0.0123, 0.0123)],
    "normal": [(0.0, 1.0), (0.1, 0.02), (0.0, 0.7071067811865475)],
    "normal64": [(0.0, 1.0), (0.1, 0.02)],
    "integers": [(0, 256), (-7, 2**28 - 8), (-7, 2**28 - 7), (-(2**62), 2**62 + 5)],
    "bernoulli": [(0.0, 1.0)],
    "perm": [()],
}
seeds = (0, 42, -3, 2**33 + 5)
turn = 0
for name, choices in torch_args.items():
    for args in choices:
        cases.append(case("torch", seeds[turn % len(seeds)], [(name, n, args) for n in SIZES]))
        turn += 1
for seed in seeds:  # what is held between calls: the second number of a pair
    mixed = [("normal", 5, (0.0, 1.0)), ("uniform", 3, (0.0, 1.0)), ("normal", 20, (0.0, 1.0)), ("normal64", 2, (1.0, 2.0)),
             ("perm", 17, ()), ("normal", 1, (0.0, 1.0)), ("normal64", 31, (0.0, 1.0)), ("normal", 3, (0.0, 0.5))]
    cases.append(case("torch", seed, mixed))
cases.append(case("torch", 777, [("perm", 768 * 768, ()), ("integers", 3, (0, 100))]))
for n in (214748363, 214748364):
    cases.append(case("torch", 777, [("perm_head", n, (1000,)), ("integers", 3, (0, 100))]))

for seed in (0, 42, 2**40 + 7):
    for name, args in [("random", ()), ("integers", (0, 256)), ("integers", (-5, 2**32 - 5)), ("integers", (-5, 2**40)), ("choice", (256, 1)),
                       ("permutation", ()), ("shuffle", ())]:
        cases.append(case("default_rng", seed, [(name, n, args) for n in SIZES]))
    few = [("choice", n, (256, 0)) for n in (1, 5, 16, 100, 255, 256)]
    many = [("choice", n, (20000, 0)) for n in (1, 100, 400, 401, 19999, 20000)]
    cases.append(case("default_rng", seed, few + many + [("choice", 33, (256, 0)), ("shuffle", 4096 * 3 + 33, ()), ("random", 3, ())]))
    cases.append(case("default_rng", seed, [("integers", 1, (0, 1)), ("choice", 0, (0, 0)), ("integers", 3, (0, 9)), ("random", 1, ()), ("integers", 4, (0, 9))]))

for seed in (0, 42, 123456789):
    for name, args in [("random", ()), ("integers", (0, 256)), ("integers", (-5, 2**32 - 5)), ("integers", (-5, 2**40)), ("choice", (256, 1)), ("permutation", ()),
                       ("weighted", (64, 1))]:
        cases.append(case("random_state", seed, [(name, n, args) for n in SIZES]))
    cases.append(case("random_state", seed, [("choice", n, (256, 0)) for n in (1, 16, 256)]))
    cases.append(case("random_state", seed, [("weighted", n, (64, 0)) for n in (1, 5, 16, 43)]))
    cases.append(case("random_state", seed, [("even", n, (m, 0)) for n, m in ((5, 32), (31, 31), (16, 768), (30, 3000))]))

made = dict(torch=torch.__version__.split("+")[0], numpy=np.__version__, cases=cases)
with open(sys.argv[1], "w") as f:
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    f.write('{"torch":"%s","numpy":"%s","cases":[\n%s\n]}\n' % (made["torch"], made["numpy"], lines))
