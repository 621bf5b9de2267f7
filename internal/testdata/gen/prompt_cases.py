"""Makes golden cases of prefix and prompt tuning that the shared set lacks: T5 with an odd number of layers, BART, heads wider
than the hidden size has room for, token types that HF PEFT drops, questions, classification by a decoder.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python prompt_cases.py ../../../prompt/testdata/fixtures
"""
import json
import pathlib
import sys

import peft
import torch
import transformers
from peft import PeftModel, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file

PREFIX = dict(num_virtual_tokens=3)
PROJECTED = dict(num_virtual_tokens=2, prefix_projection=True, encoder_hidden_size=6)
SMALL = dict(vocab_size=13, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
BERT = dict(SMALL, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=16)
BASES = {
    "t5": (transformers.T5ForConditionalGeneration, transformers.T5Config(
        vocab_size=13, d_model=8, d_kv=4, num_heads=2, d_ff=12, num_layers=3, dropout_rate=0.0, decoder_start_token_id=0,
        relative_attention_num_buckets=8, relative_attention_max_distance=10), "SEQ_2_SEQ_LM", dict(labels=(2, 4))),
    "gpt2": (transformers.GPT2ForSequenceClassification, transformers.GPT2Config(
        vocab_size=13, n_embd=8, n_layer=2, n_head=2, n_positions=16, num_labels=3, pad_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, bos_token_id=1, eos_token_id=2), "SEQ_CLS", dict(labels=(2,))),
    "qwen3": (transformers.Qwen3ForCausalLM, transformers.Qwen3Config(
        vocab_size=13, hidden_size=8, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=6,
        intermediate_size=12, max_position_embeddings=32, pad_token_id=0, bos_token_id=1, eos_token_id=2), "CAUSAL_LM", dict(labels=(2, 5))),
    "bert_qa": (transformers.BertForQuestionAnswering, transformers.BertConfig(**BERT), "QUESTION_ANS",
                dict(start_positions=(2,), end_positions=(2,))),
    "bert": (transformers.BertModel, transformers.BertConfig(**BERT), "FEATURE_EXTRACTION", {}),
    "bart": (transformers.BartForConditionalGeneration, transformers.BartConfig(
        vocab_size=13, d_model=8, encoder_layers=3, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=16, dropout=0.0, scale_embedding=True, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None), "SEQ_2_SEQ_LM", dict(labels=(2, 4))),
}


def outputs(model, args):
    out = model(**args)
    return out, {k: out[k].detach().clone().contiguous() for k in (
        "loss", "logits", "start_logits", "end_logits", "last_hidden_state", "pooler_output") if k in out and out[k] is not None}


def base(root, name):
    cls, config, _, labels = BASES[name]
    model = cls(config).eval()
    for p in model.parameters():
        p.data += 0.2 * torch.randn_like(p)
    folder = root / "bases" / name
    model.save_pretrained(folder)
    mask = torch.tensor([[1] * 5, [1, 1, 1, 1, int(name in ("gpt2", "qwen3"))]])
    args = dict(input_ids=torch.randint(3, 13, (2, 5)), attention_mask=mask)
    if name == "bert":  # the wrapper for questions loses them, of any method
        args["token_type_ids"] = torch.tensor([[0, 0, 1, 1, 1], [0, 1, 1, 1, 1]])
    for key, shape in labels.items():
        args[key] = torch.randint(1, 3, shape)
    io = {f"in.{k}": v for k, v in args.items()} | {f"out.{k}": v for k, v in outputs(model, args)[1].items()}
    save_file(io, folder / "io.safetensors")
    for path in folder.glob("generation_config.json"):
        path.unlink()
    return args


def case(root, name, kind, config, args):
    cls, _, task, _ = BASES[name]
    load = lambda: cls.from_pretrained(root / "bases" / name).eval()
    config.task_type = task
    model = get_peft_model(load(), config).eval()
    for p in model.parameters():
        if p.requires_grad:
            p.data += 0.1 * torch.randn_like(p)
    folder = root / "cases" / name / kind
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    written = json.loads((folder / "adapter_config.json").read_text())
    written.update(base_model_name_or_path=None)
    (folder / "adapter_config.json").write_text(json.dumps(written, indent=2, sort_keys=True))
    called = lambda n: n.replace(".modules_to_save", "").replace(".default", "")
    params = {called(n): p for n, p in model.named_parameters() if p.requires_grad}

    golden = {f"init.{k}": p.detach().clone() for k, p in params.items()}
    out, values = outputs(model, args)
    golden |= {f"out.{k}": v for k, v in values.items()}
    golden |= {f"loaded.{k}": v for k, v in outputs(PeftModel.from_pretrained(load(), folder).eval(), args)[1].items()}
    trainable, total = model.get_nb_trainable_parameters()
    optimizer = dict(type="AdamW", lr=0.01, weight_decay=0.01, betas=[0.9, 0.999], eps=1e-8, steps=5)
    if task != "FEATURE_EXTRACTION":
        out.loss.backward()
        golden |= {f"grad.{k}": p.grad.clone() for k, p in params.items()}
        adamw = torch.optim.AdamW(params.values(), lr=0.01, weight_decay=0.01)
        losses = []
        for _ in range(5):
            adamw.zero_grad()
            loss = model(**args).loss
            loss.backward()
            adamw.step()
            losses.append(loss.item())
        golden["train.losses"] = torch.tensor(losses)
        golden |= {f"train.final.{k}": v for k, v in outputs(model, args)[1].items()}
        golden |= {f"train.param.{k}": v.clone() for k, v in peft.get_peft_model_state_dict(model).items()}
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "golden.safetensors")
    (folder / "case.json").write_text(json.dumps(dict(
        base=name, case=kind, peft_type=written["peft_type"], trainable=trainable, total=total, merge_loss_diff=None,
        train_is_stochastic=False, optimizer=optimizer,
        versions=dict(torch=torch.__version__, transformers=transformers.__version__, peft=peft.__version__)), indent=1))


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    for seed, name in enumerate(BASES):
        torch.manual_seed(seed)
        args = base(root, name)
        case(root, name, "prefix", PrefixTuningConfig(**PREFIX), args)
        case(root, name, "prompt", PromptTuningConfig(**PREFIX), args)
        if name in ("t5", "qwen3"):
            case(root, name, "prefix-proj", PrefixTuningConfig(**PROJECTED), args)
        if name == "t5":
            case(root, name, "prompt-one", PromptTuningConfig(num_transformer_submodules=1, **PREFIX), args)
