// Package models opens pretrained backbones from transformers checkpoint folders.
//
//	backbone, err := models.Load("bert-base-uncased")
//
// A folder holds config.json and model.safetensors, or its shards and their index. The head follows the config's
// "architectures"; one that the checkpoint lacks is drawn from a seed. Nothing is downloaded.
package models
