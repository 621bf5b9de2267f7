// Package wav2vec2 is wav2vec 2.0 (Baevski et al. 2020, arXiv:2006.11477) as transformers computes it, with a head for
// connectionist temporal classification or for classes, or without a head. package models opens it:
//
//	backbone, err := models.Load("wav2vec2-base-960h")
//
// Its argument is "input_values" [batch, samples] in floats: a waveform of 16 kHz, which the checkpoint's feature
// extractor in transformers would have brought to mean 0 and variance 1. Where a batch's waveforms are not equally long,
// "attention_mask" [batch, samples] is 1 for samples and 0 for the padding behind them; checkpoints whose
// feat_extract_norm is "group" were trained without it, on waveforms padded with zeros. Outputs:
//
//   - "ctc": "logits" [batch, frames, vocabulary] and "tokens" int32 [batch, frames], which transformers does not have:
//     what the likeliest classes read, -100 where a frame adds nothing; from "labels" [batch, count], padded with -100
//     or the blank (pad_token_id), also "loss", see [arch.CTC]
//   - "audio-classification": "logits" [batch, classes], from "labels" [batch] also "loss"
//   - without a head: "last_hidden_state" [batch, frames, hidden], "extract_features" [batch, frames, channels], the normed features
//     in front of the blocks, and "mean_embedding" [batch, hidden], which transformers does not have
//
// # Chance in training
//
// Checkpoints have layerdrop and SpecAugment on in their configs, and training does what they say, as transformers does,
// with draws of its own: a block is left out for the whole batch with the probability layerdrop (it is computed all the
// same, so that it saves no time), and spans of frames and of channels are hidden by mask_time_prob and
// mask_feature_prob. A batch with fewer frames than mask_time_length can't be masked and is refused, as it is there; for
// clips so short, set apply_spec_augment to false in config.json. In evaluation, and for [peft.Adapted.Gradients], all of
// this is off.
//
// # Not here
//
// The convolution that adds positions, "encoder.pos_conv_embed.conv", has a weight that is computed from two others. HF
// PEFT wraps it where a target means it, "conv" for one, and then can't merge it; here such a target is refused by the
// module's path, and exclude_modules leaves it out. Refused as well are add_adapter, adapter_attn_dim (the adapters of
// MMS), and the heads for pretraining, frames and speakers.
package wav2vec2
