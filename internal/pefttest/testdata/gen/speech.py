"""Writes ../fixtures/{bases,cases}/tiny_{wav2vec2,hubert}*: what transformers and HF PEFT compute with every head of the
speech encoders, on random backbones 8 wide, whose configs take the turns that the larger fixtures do not. Made with torch
2.15.0, transformers 5.23.0 and peft 0.21.2; run it as `python speech.py` here.
"""
import peft, torch, transformers as tr
from cases import write_all


def lora(targets, saved=None, **more):
    return peft.LoraConfig(r=2, target_modules=targets, modules_to_save=saved, **more)


def waves(*lengths):
    """Waveforms padded with noise, which must not be heard, and their mask."""
    g = torch.Generator().manual_seed(7)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    return dict(input_values=torch.randn(len(lengths), max(lengths), generator=g), attention_mask=mask)


quiet = dict(hidden_dropout=0.0, activation_dropout=0.0, attention_dropout=0.0, feat_proj_dropout=0.0, final_dropout=0.0, layerdrop=0.0)
size = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, conv_dim=[4, 6], conv_kernel=[5, 3], conv_stride=[3, 2],
            num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2, vocab_size=9, classifier_proj_size=5, num_labels=3)
plain = quiet | size | dict(apply_spec_augment=False, mask_time_prob=0.0)
stable = plain | dict(do_stable_layer_norm=True, feat_extract_norm="layer", conv_bias=True, num_conv_pos_embeddings=5)
# Repeats, padding of both kinds, and a row whose labels no reading of its frames gives.
words = dict(labels=torch.tensor([[4, 4, 1, 0], [3, -100, 5, -100], [7, 7, 7, 7]]))
classes = dict(labels=torch.tensor([2, 0, 1]))
masked, even = waves(40, 31, 29), dict(input_values=waves(35, 35, 35)["input_values"])
Q = ["q_proj", "out_proj"]
write_all({
    "tiny_wav2vec2": (tr.Wav2Vec2Model, tr.Wav2Vec2Config(**plain), masked, {}),
    "tiny_wav2vec2_ctc": (tr.Wav2Vec2ForCTC, tr.Wav2Vec2Config(**stable, ctc_loss_reduction="sum", ctc_zero_infinity=True), masked | words, {
        "lora": lora(Q, ["lm_head"]),
        "lora-conv": lora(r".*feature_extractor.*conv|.*k_proj", bias="all"),
    }),
    # With the mask vector that checkpoints have, and the defaults of the loss.
    "tiny_wav2vec2_seqcls": (tr.Wav2Vec2ForSequenceClassification, tr.Wav2Vec2Config(**(stable | dict(mask_time_prob=0.05)), use_weighted_layer_sum=True), masked | classes, {
        "lora": lora(Q, ["projector", "classifier"]),
    }),
    "tiny_hubert": (tr.HubertModel, tr.HubertConfig(**stable, feat_proj_layer_norm=False), masked, {}),
    "tiny_hubert_ctc": (tr.HubertForCTC, tr.HubertConfig(**plain, ctc_loss_reduction="mean", pad_token_id=8), even | dict(labels=torch.tensor([[4, 4, 1, 8], [3, -100, 5, -100], [8, 8, -100, -100]])), {
        "lora": lora(Q, ["lm_head"]),
        "lora-norms": lora(Q, ["layer_norm"]),
    }),
    "tiny_hubert_seqcls": (tr.HubertForSequenceClassification, tr.HubertConfig(**plain, use_weighted_layer_sum=True), masked | classes, {
        "lora": lora(["intermediate_dense", "projection"], ["classifier"]),
    }),
}, ["tiny_wav2vec2*", "tiny_hubert*"])  # fmt: skip
