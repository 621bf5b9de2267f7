"""Makes models/testdata/seq2seq.json: what transformers computes on tiny encoder-decoders under options that the golden
bases leave at their defaults. Weights are the formula of decoders.py, so that none are stored.

    pip install torch==2.15.0 transformers==5.23.0
    python seq2seq.py ../../../models/testdata/seq2seq.json
"""
import json
import sys

import torch
import transformers
from decoders import weight

IDS = [[3, 9, 4, 4, 7, 10, 2, 0], [5, 8, 6, 3, 3, 9, 7, 2]]
MASK = [[1, 1, 1, 1, 1, 1, 1, 0], [1] * 8]
LABELS = [[7, 8, 4, 2, -100], [6, 5, 5, 9, 2]]
TARGET = [[1, 7, 8, 4, 0], [1, 6, 5, 5, 9]]
TARGET_MASK = [[1, 1, 1, 1, 0], [1] * 5]

T5 = dict(d_model=8, d_kv=3, d_ff=10, num_layers=2, num_heads=2, vocab_size=11, relative_attention_num_buckets=8,
          relative_attention_max_distance=6, dropout_rate=0, decoder_start_token_id=0, eos_token_id=2, pad_token_id=0)
BART = dict(d_model=8, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=10,
            decoder_ffn_dim=6, vocab_size=11, max_position_embeddings=9, dropout=0, pad_token_id=0, bos_token_id=1, eos_token_id=2,
            decoder_start_token_id=2, forced_eos_token_id=2)
SOURCE = dict(input_ids=IDS, attention_mask=MASK)
LM = dict(SOURCE, labels=LABELS)
GIVEN = dict(SOURCE, decoder_input_ids=TARGET, decoder_attention_mask=TARGET_MASK)

# name: class, config, arguments
CASES = {
    "t5": ("T5ForConditionalGeneration", dict(num_decoder_layers=3), LM),
    "t5, own head": ("T5ForConditionalGeneration", dict(num_decoder_layers=1, tie_word_embeddings=False, feed_forward_proj="gated-gelu"), LM),
    "t5, own target": ("T5ForConditionalGeneration", dict(relative_attention_num_buckets=4, relative_attention_max_distance=3), dict(GIVEN, labels=LABELS)),
    "t5, no mask": ("T5ForConditionalGeneration", dict(feed_forward_proj="gated-silu", relative_attention_num_buckets=32,
                                                      relative_attention_max_distance=128), dict(input_ids=IDS, labels=LABELS)),
    "t5 bare": ("T5Model", {}, GIVEN),
    "t5 encoder": ("T5EncoderModel", dict(feed_forward_proj="gelu"), SOURCE),
    "t5 classes": ("T5ForSequenceClassification", dict(num_labels=3), dict(SOURCE, labels=[2, 0])),
    "t5 regression": ("T5ForSequenceClassification", dict(num_labels=1), dict(SOURCE, labels=[0.5, -1.0])),
    "t5 spans": ("T5ForQuestionAnswering", {}, dict(SOURCE, start_positions=[1, 3], end_positions=[4, 99])),
    "bart": ("BartForConditionalGeneration", dict(scale_embedding=True, activation_function="relu"), LM),
    "bart, own target": ("BartForConditionalGeneration", {}, dict(GIVEN, labels=LABELS)),
    "bart, untied": ("BartForConditionalGeneration", dict(tie_word_embeddings=False), LM),
    "bart, no target": ("BartForConditionalGeneration", {}, SOURCE),
    "bart bare": ("BartModel", dict(encoder_layers=2, decoder_layers=1), SOURCE),
    "bart classes": ("BartForSequenceClassification", {}, dict(SOURCE, labels=[2, 0])),
    "bart spans": ("BartForQuestionAnswering", {}, dict(SOURCE, start_positions=[1, 3], end_positions=[4, 99])),
}


def case(cls, more, args):
    cls = getattr(transformers, cls)
    head = cls.__name__
    config = cls.config_class(**dict(T5 if head.startswith("T5") else BART, **more))
    model = cls(config).eval()
    own = "own head" if head.startswith("T5") and more.get("tie_word_embeddings") is False else ""
    if own:  # transformers ties T5's head to the embeddings but where a checkpoint holds another
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.lm_head.weight))
    shapes = {}
    buffers = {k: v for k, v in model.named_buffers() if k == "final_logits_bias"}
    for name, p in [*model.named_parameters(), *buffers.items()]:
        shapes[name] = list(p.shape)
        p.data = torch.tensor([weight(name, i) for i in range(p.numel())], dtype=torch.float64).view(p.shape).float()
    args = {k: torch.tensor(v) for k, v in args.items()}
    with torch.no_grad():
        out = model(**args)
    default = cls.config_class().to_dict()
    raw = {k: v for k, v in config.to_diff_dict().items() if k not in default or v != default[k]}
    raw.update(more, architectures=[head], model_type=config.model_type)
    return dict(
        config=raw, shapes=shapes, inputs={k: v.tolist() for k, v in args.items()},
        outputs={k: [float(f"{x:.7g}") for x in v.flatten().tolist()] for k, v in out.items() if torch.is_tensor(v)},
    )


if __name__ == "__main__":
    rows = {name: case(*c) for name, c in CASES.items()}
    with open(sys.argv[1], "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in rows.items()) + "\n}\n")
