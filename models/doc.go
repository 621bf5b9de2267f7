// Package models opens pretrained models, for adapters to be trained on them and used with them.
//
//	backbone, err := models.Load("all-MiniLM-L6-v2", models.Head("sequence-classification"), models.Classes("bug", "praise"))
//
// A model is a folder as the Python library transformers writes it: config.json, and the weights in model.safetensors or
// in several files and their index. [Families] lists the kinds of models that are known. Nothing is downloaded: [Load]
// opens a folder, or a model that huggingface_hub has in its cache already.
//
// There are other ways in: [LoadForClasses] for data with certain labels, [LoadFor] for an adapter that was trained before, and
// [Random] for a model without weights, to be pretrained or for a test. [Inspect] tells what a folder holds, and how much
// memory it takes, without opening it.
//
// A model computes with tensors. [Tokenizer] makes them of texts, [ImageProcessor] of images, [FeatureExtractor] of sounds,
// each from the files in the model's own folder.
//
// # Heads
//
// A model's last part, its head, makes of its hidden states what a task wants: the logits of classes, of a text's next
// token, of an answer's ends. A checkpoint has the head that it was trained with, or none; [Head] asks for another one and
// [Classes] names its classes. What the checkpoint lacks of that head is drawn at random, and listed in the backbone's
// Origin().Drawn. Such a head answers by chance until it has been trained together with an adapter.
//
// # Engines
//
// A model runs on an engine, which is pure Go unless [Backend] or the environment variable GOMLX_BACKEND names another. All
// models of a process that name the same engine share one, so that the outputs of one are inputs of another and memory is
// not set aside twice. That engine lives as long as the process; who wants one that can be closed opens it and gives it
// with [On].
package models
