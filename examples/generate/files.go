package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// readIDs reads prompts as ids. End and padding tokens that stand there go before those of the backbone's folder.
func readIDs(path string, o *generate.Options) (generate.Batch, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return generate.Batch{}, err
	}
	var in struct {
		IDs  [][]int32 `json:"input_ids"`
		Mask [][]int32 `json:"attention_mask"`
		EOS  peft.Ints `json:"eos_token_id"`
		Pad  *int32    `json:"pad_token_id"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return generate.Batch{}, fmt.Errorf("%s: %w", path, err)
	}
	if eos, ok := in.EOS.Values(); ok {
		for _, id := range eos {
			o.EOS = append(o.EOS, int32(id))
		}
	}
	o.Pad = in.Pad
	return generate.Batch{IDs: in.IDs, Mask: in.Mask}, nil
}

// save writes the sequences to the file that the options name, as a whole or not at all; without one, those of prompts
// that were ids are printed.
func save(o *options, out *generate.Result) error {
	raw, err := json.Marshal(map[string][][]int32{"sequences": out.Sequences})
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	if o.out == "" {
		if o.ids != "" {
			_, err = os.Stdout.Write(raw)
		}
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(o.out), filepath.Base(o.out)+".*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // nothing is there any more after the rename
	_, err = file.Write(raw)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(file.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(file.Name(), o.out)
	}
	return err
}
