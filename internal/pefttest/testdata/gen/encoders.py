"""Writes ../fixtures/{bases,cases}/tiny_*: what transformers and HF PEFT compute with every head of the encoders, on
random backbones 8 wide, whose configs take the turns that the larger fixtures do not. The folders' layout is that of
package golden. Made with torch 2.15.0, transformers 5.23.0 and peft 0.21.2; run it as `python encoders.py` here.
"""
import peft, torch, transformers as tr
from cases import write_all

# Padding on both sides and in the middle; 1 is RoBERTa's pad_token_id.
ids = torch.tensor([[0, 5, 9, 14, 3, 2, 1], [1, 1, 0, 7, 8, 1, 2]])
text = dict(input_ids=ids, attention_mask=(ids != 1).long())
types = dict(token_type_ids=torch.tensor([[0, 0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1, 1]]))
classes = dict(labels=torch.tensor([2, 0]))
tags = dict(labels=torch.tensor([[-100, 1, 0, 2, 2, -100, -100], [-100, -100, 0, 1, 1, 2, -100]]))
words = dict(labels=torch.tensor([[-100, 4, -100, 13, -100, -100, -100], [-100, -100, -100, 6, -100, -100, 2]]))
span = dict(start_positions=torch.tensor([1, 3]), end_positions=torch.tensor([4, 99]))
image = dict(pixel_values=torch.randn(2, 2, 4, 6, generator=torch.Generator().manual_seed(5)))

size = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12)
quiet = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
roberta = dict(**size, **quiet, vocab_size=16, max_position_embeddings=12, type_vocab_size=2, num_labels=3)
distil = dict(dim=8, n_layers=1, n_heads=2, hidden_dim=12, dropout=0.0, attention_dropout=0.0, qa_dropout=0.0,
              seq_classif_dropout=0.0, vocab_size=16, max_position_embeddings=12, num_labels=3)
deep = dict(num_hidden_layers=2)  # where sites of one layer must be told from another's
vit = dict(**(size | deep), **quiet, image_size=[4, 6], patch_size=[2, 3], num_channels=2, num_labels=3)
photos = dict(pixel_values=torch.randn(3, 2, 17, 13, generator=torch.Generator().manual_seed(8)))
resnet = dict(num_channels=2, num_labels=3)
# One text whose end token comes twice, one without any; pixels that fill no whole patch.
said = torch.tensor([[14, 5, 9, 3, 2, 2, 1], [14, 7, 8, 1, 1, 1, 1]])
clip_text_args = dict(input_ids=said, attention_mask=torch.tensor([[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0]]))
clip_image_args = dict(pixel_values=torch.randn(2, 2, 5, 5, generator=torch.Generator().manual_seed(6)))
clip_text = dict(**(size | deep), vocab_size=16, max_position_embeddings=9, projection_dim=5, bos_token_id=14, eos_token_id=3)
clip_vision = dict(**(size | dict(hidden_size=12, num_attention_heads=3)), image_size=5, patch_size=2, num_channels=2, projection_dim=5)


def clip(**text):
    return tr.CLIPConfig(text_config=clip_text | text, vision_config=clip_vision, projection_dim=6, num_labels=3)


def lora(targets, saved=None, **more):
    return peft.LoraConfig(r=2, target_modules=targets, modules_to_save=saved, **more)


R, D, V = ["query", "value"], ["q_lin", "v_lin"], ["q_proj", "fc2"]
BASES = {
    "tiny_roberta": (tr.RobertaModel, tr.RobertaConfig(**roberta), text, {}),
    "tiny_roberta_seqcls": (tr.RobertaForSequenceClassification, tr.RobertaConfig(**(roberta | deep), pad_token_id=1), text | classes, {
        "lora": lora(R, task_type="SEQ_CLS"),
        "lora-alllinear": lora("all-linear", task_type="SEQ_CLS"),
        "prompt": peft.PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=3),
        "prefix": peft.PrefixTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=2),
    }),
    "tiny_roberta_tokcls": (tr.RobertaForTokenClassification, tr.RobertaConfig(**roberta), text | types | tags, {"lora": lora(R, task_type="TOKEN_CLS")}),
    "tiny_roberta_qa": (tr.RobertaForQuestionAnswering, tr.RobertaConfig(**(roberta | {"num_labels": 2})), text | span, {"lora": lora(R, task_type="QUESTION_ANS")}),
    "tiny_roberta_mlm": (tr.RobertaForMaskedLM, tr.RobertaConfig(**roberta, hidden_act="relu"), text | words, {"lora": lora(R + ["dense"])}),
    "tiny_distilbert": (tr.DistilBertModel, tr.DistilBertConfig(**distil, sinusoidal_pos_embds=True), text, {}),
    "tiny_distilbert_seqcls": (tr.DistilBertForSequenceClassification, tr.DistilBertConfig(**distil), text | classes, {"lora": lora(D, task_type="SEQ_CLS")}),
    "tiny_distilbert_tokcls": (tr.DistilBertForTokenClassification, tr.DistilBertConfig(**distil), text | tags, {"lora": lora(D, task_type="TOKEN_CLS")}),
    "tiny_distilbert_qa": (tr.DistilBertForQuestionAnswering, tr.DistilBertConfig(**(distil | {"num_labels": 2})), text | span, {"lora": lora(D, task_type="QUESTION_ANS")}),
    "tiny_distilbert_mlm": (tr.DistilBertForMaskedLM, tr.DistilBertConfig(**distil, activation="relu"), text | words, {"lora": lora(D + ["lin2"])}),
    "tiny_vit": (tr.ViTModel, tr.ViTConfig(**vit, pooler_output_size=5, pooler_act="relu"), image, {}),
    "tiny_vit_imgcls": (tr.ViTForImageClassification, tr.ViTConfig(**vit, qkv_bias=False), image | classes, {
        "lora": lora(V, ["classifier"]),
        "lora-biasall": lora(["q_proj", "o_proj"], bias="all"),
        "lora-norms": lora(V, ["layernorm_before", "layernorm"]),
        "lora-patches": lora(["projection", "o_proj"], ["classifier"], lora_bias=True),
        "lora-patches-dora": lora(["projection", "v_proj"], use_dora=True, bias="lora_only"),
    }),
    "tiny_clip": (tr.CLIPModel, clip(hidden_act="gelu"), clip_text_args | clip_image_args | dict(return_loss=True), {
        "lora": lora(["k_proj", "out_proj", "fc1", "token_embedding"], ["visual_projection"]),
        "lora-biasall": lora(["q_proj"], bias="all"),
        "lora-alllinear": lora("all-linear"),
    }),
    "tiny_clip_old": (tr.CLIPModel, clip(eos_token_id=2), clip_text_args | clip_image_args | dict(return_loss=True), {}),
    "tiny_clip_text": (tr.CLIPTextModel, tr.CLIPTextConfig(**clip_text), clip_text_args, {}),
    "tiny_clip_text_embedding": (tr.CLIPTextModelWithProjection, tr.CLIPTextConfig(**clip_text), clip_text_args, {}),
    "tiny_clip_vision": (tr.CLIPVisionModel, tr.CLIPVisionConfig(**clip_vision), clip_image_args, {}),
    "tiny_clip_image_embedding": (tr.CLIPVisionModelWithProjection, tr.CLIPVisionConfig(**clip_vision), clip_image_args, {}),
    "tiny_clip_imgcls": (tr.CLIPForImageClassification, clip(), clip_image_args | classes, {"lora": lora(["v_proj"], ["classifier"])}),
    "tiny_resnet": (tr.ResNetModel, tr.ResNetConfig(**resnet, embedding_size=3, hidden_sizes=[8, 12], depths=[1, 2], hidden_act="gelu",
                                                    downsample_in_first_stage=True, downsample_in_bottleneck=True), photos, {}),
    "tiny_resnet_basic": (tr.ResNetModel, tr.ResNetConfig(**resnet, embedding_size=4, hidden_sizes=[4, 4, 5], depths=[2, 1, 1], hidden_act="silu",
                                                          layer_type="basic"), photos, {}),
    "tiny_resnet_imgcls": (tr.ResNetForImageClassification, tr.ResNetConfig(**resnet, embedding_size=8, hidden_sizes=[8, 12], depths=[2, 1]),
                           photos | dict(labels=torch.tensor([2, 0, 1])), {
        "lora": lora(["convolution"], ["classifier"]),
        "lora-dora": lora(["shortcut.convolution", "layer.1.convolution", "classifier.1"], use_dora=True, use_rslora=True),
        "lora-biasall": lora(["convolution"], bias="all"),
        "lora-trainbn": lora(["convolution"], ["classifier"]),
        "lora-norms-trainbn": lora(["convolution"], ["shortcut.normalization", "classifier"]),
    }),
}

write_all(BASES, ["tiny_roberta*", "tiny_distilbert*", "tiny_vit*", "tiny_clip*", "tiny_resnet*"])
