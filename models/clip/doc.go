// Package clip is CLIP (Radford et al. 2021, arXiv:2103.00020) as transformers computes it: a causal text encoder and a
// vision transformer whose projections meet. package models opens it:
//
//	backbone, err := models.Load("clip-vit-base-patch32")
//	processor, err := models.ImageProcessor(backbone)
//	in, err := processor.Process(cat, dog)   // pixel_values
//	in["input_ids"] = ids                    // of models.Tokenizer(backbone)
//	out, err := backbone.Forward(ctx, in)
//	similar := out["logits_per_image"]       // [images, texts]
//
// Its arguments are "input_ids" and, for padded texts, "attention_mask" [texts, sequence], and "pixel_values" [images,
// channels, height, width] in floats, of the config's size. Outputs: "text_embeds" [texts, width] and "image_embeds"
// [images, width] of length 1, "logits_per_text" [texts, images] and "logits_per_image", their cosines times the learned
// scale. Where there are as many texts as images they are pairs, and "loss" is how far each is from being told from all
// others of the batch, the mean over both directions. Texts alone or images alone give their embeddings, which
// transformers calls get_text_features and get_image_features and does not normalise.
//
// A text's state is that of its first eos_token_id. In configs that have 2 there, as OpenAI's first ones do, it is that of
// its highest id, and a text without an end token has that of its first column; both as in transformers.
//
// Configs of one tower ("clip_text_model", "clip_vision_model") open as that, without a head ("last_hidden_state",
// "pooler_output") or with its projection ("text_embeds" or "image_embeds", not normalised), and
// CLIPForImageClassification puts a classifier on the mean of the image's patches.
package clip
