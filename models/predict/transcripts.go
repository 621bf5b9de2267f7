package predict

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Transcripts writes down what is said in Sounds or SoundFiles, as transformers does without a language model: the likeliest
// class of each frame, repeats and blanks left out, spelled with the vocab.json of the backbone's folder. The backbone
// has a CTC head.
func (p *Predictor) Transcripts(ctx context.Context, sel peft.Selection, in Inputs) ([]string, error) {
	p = p.now()
	if in == nil {
		return nil, seam.Inputf("inputs", "are nil")
	}
	if in.task() != audioClass {
		return nil, seam.Inputf("inputs", "are %s, want Sounds or SoundFiles", in.kind())
	}
	if err := p.wants(ctx, sel, in.size(), "Transcripts of "+in.kind(), speechText); err != nil {
		return nil, err
	}
	letters, err := readLetters(p.adapted.Backbone().Origin().Dir)
	if err != nil {
		return nil, err
	}
	batches, err := in.batches(ctx, p, sel)
	if err != nil {
		return nil, err
	}
	out := make([]string, in.size())
	err = p.forward(ctx, sel, batches, func(b batch, outputs peft.Tensors) error {
		t := outputs["tokens"]
		if t == nil {
			return modelf("it gives no %q", "tokens")
		}
		ids, err := tensors.CopyFlatData[int32](t)
		if err != nil {
			return err
		}
		logits, err := read(outputs, "logits")
		if err != nil {
			return err
		}
		frames := len(ids) / b.size
		for k, i := range b.of {
			if _, err = logits.row(k); err == nil {
				out[i], err = letters.spell(ids[k*frames : (k+1)*frames])
			}
			if err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// letters spell the classes of a CTC head.
type letters struct {
	names     map[int32]string
	delimiter string // stands for a space
	lower     bool
}

// readLetters reads vocab.json and tokenizer_config.json of a folder.
func readLetters(dir string) (*letters, error) {
	if dir == "" {
		return nil, modelf("it came from no folder, so it has no vocab.json to spell with")
	}
	path := filepath.Join(dir, "vocab.json")
	var raw map[string]json.RawMessage
	ok, err := readJSON(path, &raw)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, modelf("%s is missing, so its classes can't be spelled", path)
	}
	out := &letters{names: make(map[int32]string, len(raw)), delimiter: "|"}
	for name, value := range raw {
		var id int32
		if err := json.Unmarshal(value, &id); err != nil {
			return nil, fmt.Errorf("%s: %w", path, &peft.UnsupportedError{Option: fmt.Sprintf("vocabulary %q", name), Value: "no number"})
		}
		out.names[id] = name
	}
	c := struct {
		Delimiter *string `json:"word_delimiter_token"`
		Lower     bool    `json:"do_lower_case"`
	}{}
	if _, err := readJSON(filepath.Join(dir, "tokenizer_config.json"), &c); err != nil {
		return nil, err
	}
	if c.Delimiter != nil {
		out.delimiter = *c.Delimiter
	}
	out.lower = c.Lower
	return out, nil
}

// spell joins classes, of which those below 0 say nothing.
func (l *letters) spell(ids []int32) (string, error) {
	var text strings.Builder
	for _, id := range ids {
		if id < 0 {
			continue
		}
		name, ok := l.names[id]
		if !ok {
			return "", modelf("its vocab.json has no class %d", id)
		}
		if name == l.delimiter {
			name = " "
		}
		text.WriteString(name)
	}
	out := strings.TrimSpace(text.String())
	if l.lower {
		out = strings.ToLower(out)
	}
	return out, nil
}
