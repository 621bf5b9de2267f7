"""Makes models/generate/testdata: what transformers' logits processors make of scores, and what its generate writes on
the tiny models of the golden cases under options that those leave out.

    python internal/testdata/gen/generation.py internal/pefttest/testdata/fixtures models/generate/testdata

Made with torch 2.15 and transformers 5.23.
"""

import json
import math
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM
from transformers.generation import logits_process as lp

assert transformers.__version__.startswith("5.23"), transformers.__version__

fixtures, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def plain(scores):
    return [[None if v == -math.inf else v for v in row] for row in scores.tolist()]


torch.manual_seed(7)
ids = torch.tensor([[3, 3, 5, 1, 5, 1, 3, 5], [0, 0, 7, 2, 7, 2, 9, 7]])
scores = torch.randn(2, 20) * 2
padding = torch.tensor([0, 2])
eos = torch.tensor([4, 11])
cases = []


def case(name, options, *processors):
    made = scores.clone()
    for p in processors:
        made = p(ids, made)
    cases.append({"name": name, "options": options, "scores": plain(made)})


def penalty(v):
    return lp.RepetitionPenaltyLogitsProcessor(v, prompt_ignore_length=padding)


case("repetition_penalty", {"RepetitionPenalty": 1.3}, penalty(1.3))
case("repetition_bonus", {"RepetitionPenalty": 0.8}, penalty(0.8))
for n in (1, 2, 3, 9):
    case(f"no_repeat_{n}", {"NoRepeatNGram": n}, lp.NoRepeatNGramLogitsProcessor(n))
case("min_length", {"MinLength": 9, "EOS": [4, 11]}, lp.MinLengthLogitsProcessor(9, eos))
case("min_length_reached", {"MinLength": 8, "EOS": [4, 11]}, lp.MinLengthLogitsProcessor(8, eos))
case("min_new_tokens", {"MinNewTokens": 3, "EOS": [4, 11]}, lp.MinNewTokensLengthLogitsProcessor(6, 3, eos))
case("min_new_tokens_reached", {"MinNewTokens": 2, "EOS": [4, 11]}, lp.MinNewTokensLengthLogitsProcessor(6, 2, eos))
case("forced_eos", {"ForcedEOS": [11]}, lp.ForcedEOSTokenLogitsProcessor(9, 11))
case("suppress", {"Suppress": [1, 2, 19]}, lp.SuppressTokensLogitsProcessor([1, 2, 19]))
case("all", {"RepetitionPenalty": 1.5, "NoRepeatNGram": 2, "MinLength": 12, "EOS": [4, 11], "Suppress": [6]},
     penalty(1.5), lp.NoRepeatNGramLogitsProcessor(2), lp.MinLengthLogitsProcessor(12, eos), lp.SuppressTokensLogitsProcessor([6]))

temperature = lp.TemperatureLogitsWarper
case("temperature", {"Temperature": 0.7}, temperature(0.7))
for k in (1, 5, 20, 50):
    case(f"top_k_{k}", {"Temperature": 1, "TopK": k}, lp.TopKLogitsWarper(k))
for p in (0.01, 0.5, 0.9, 0.99):
    case(f"top_p_{p}", {"Temperature": 1, "TopP": p}, lp.TopPLogitsWarper(p))
    case(f"typical_p_{p}", {"Temperature": 1, "TypicalP": p}, lp.TypicalLogitsWarper(p))
for p in (0.02, 0.3, 1.0):
    case(f"min_p_{p}", {"Temperature": 1, "MinP": p}, lp.MinPLogitsWarper(p))
case("warpers", {"Temperature": 1.7, "TopK": 12, "TopP": 0.9, "MinP": 0.1, "TypicalP": 0.8},
     temperature(1.7), lp.TopKLogitsWarper(12), lp.TopPLogitsWarper(0.9), lp.MinPLogitsWarper(0.1), lp.TypicalLogitsWarper(0.8))

processors = {"transformers": transformers.__version__, "ids": ids.tolist(), "padding": padding.tolist(), "start": 6,
              "max_length": 9, "input": scores.tolist(), "cases": cases}
(out / "processors.json").write_text(json.dumps(processors) + "\n")

prompts = torch.tensor([[30, 54, 58, 21, 36, 56, 11, 48, 10], [1, 1, 17, 5, 5, 5, 60, 8, 49], [1, 1, 1, 1, 39, 39, 47, 44, 12]])
mask = (torch.arange(9) >= torch.tensor([[0], [2], [4]])).long()
several = [25, 33, 53]
runs = {
    "eos": {"eos_token_id": several},
    "eos_min_new_tokens": {"eos_token_id": several, "min_new_tokens": 5},
    "suppress": {"suppress_tokens": [25, 57], "begin_suppress_tokens": [34, 56]},
    "forced_eos": {"forced_eos_token_id": [7], "no_repeat_ngram_size": 1},
    "beam_eos": {"num_beams": 3, "eos_token_id": several},
    "beam_eos_early": {"num_beams": 3, "eos_token_id": several, "early_stopping": True},
    "beam_eos_never": {"num_beams": 3, "eos_token_id": several, "early_stopping": "never", "length_penalty": 0.5},
    "beam_short": {"num_beams": 4, "eos_token_id": several, "length_penalty": -1.0},
    "beam_sum": {"num_beams": 2, "eos_token_id": several, "length_penalty": 0.0},
    "beam_penalties": {"num_beams": 3, "eos_token_id": several, "repetition_penalty": 1.4, "no_repeat_ngram_size": 2, "min_new_tokens": 4},
}
# Rotary frequencies that change while a text grows beyond the length that a model was trained for.
grows = {"rope_parameters": {"rope_type": "dynamic", "factor": 4.0, "rope_theta": 100.0}, "max_position_embeddings": 12}
grown_runs = {"greedy": {}, "beam": {"num_beams": 2}}
for name, base, config, runs in (("llama_lm", "llama_lm", {}, runs), ("gpt2_lm", "gpt2_lm", {}, runs), ("llama_dynamic", "llama_lm", grows, grown_runs)):
    model = AutoModelForCausalLM.from_pretrained(fixtures / "bases" / base, **config).eval()
    made = []
    for run, args in runs.items():
        kept = {"max_new_tokens": 12, "eos_token_id": 2, "pad_token_id": 1, "do_sample": False, **args}
        if run == "beam_penalties":  # transformers takes one prompt's padding for that of all its beams, or fails
            rows = [model.generate(prompts[:1], attention_mask=mask[:1], **kept)]
            made.append({"name": run, "args": args, "rows": 1, "sequences": rows[0].tolist()})
            continue
        made.append({"name": run, "args": args, "rows": 3, "sequences": model.generate(prompts, attention_mask=mask, **kept).tolist()})
    result = {"base": base, "config": config, "input_ids": prompts.tolist(), "attention_mask": mask.tolist(), "max_new_tokens": 12, "eos_token_id": 2, "pad_token_id": 1,
              "transformers": transformers.__version__, "runs": made}
    (out / f"{name}.json").write_text(json.dumps(result) + "\n")
