package tuning

import (
	"maps"
	"math"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	return math.Inf(1), "a fresh prompt is attended to like any token"
}

// Initialize implements seam.Initializer: a prompt that starts from embeddings of the vocabulary.
func (m *method) Initialize(in *seam.Init) error {
	if in.Loaded() || m.c.Init == Random {
		return nil
	}
	words, shape, err := embeddings(in)
	if err != nil {
		return err
	}
	out, err := in.Value("", prompt.Embeddings)
	if err != nil {
		return err
	}
	vocab, width := shape[0], shape[1]
	tokens := make([]int, len(out)/width)
	if m.c.Init == FromText {
		err = m.c.tokenize(tokens, vocab)
	} else {
		r := in.Rand(prompt.Embeddings)
		for i := range tokens {
			tokens[i] = r.IntN(vocab)
		}
	}
	for i, id := range tokens {
		copy(out[i*width:(i+1)*width], words[id*width:])
	}
	return err
}

// embeddings gives the vocabulary's as they go into the blocks, row by row, and their shape.
func embeddings(in *seam.Init) ([]float32, []int, error) {
	sites := in.Sites()
	i := slices.IndexFunc(sites, func(s seam.Site) bool { return s.Kind == seam.Embedding && s.Role == "embedding" })
	if i < 0 {
		return nil, nil, seam.Fieldf("prompt_tuning_init", "this backbone has no token embeddings to start from")
	}
	words, shape, err := in.Frozen(sites[i].Path + ".weight")
	if scale := float32(sites[i].Scale); scale != 0 && scale != 1 {
		for i := range words {
			words[i] *= scale
		}
	}
	return words, shape, err
}

// tokenize fills ids with those of the text, special tokens included, over and over.
func (c *Config) tokenize(ids []int, vocab int) error {
	dir, err := c.folder()
	if err != nil {
		return err
	}
	t, err := tokenizer.Load(dir)
	if err != nil {
		return seam.Fieldf("tokenizer_name_or_path", "%v", err)
	}
	text, err := t.Encode(c.Text, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
	if err != nil {
		return seam.Fieldf("prompt_tuning_init_text", "%v", err)
	}
	if len(text.IDs) == 0 {
		return seam.Fieldf("prompt_tuning_init_text", "has no token")
	}
	for i := range ids {
		id := int(text.IDs[i%len(text.IDs)])
		if id >= vocab {
			return seam.Fieldf("tokenizer_name_or_path", "%s gives the id %d, the backbone has embeddings for %d", dir, id, vocab)
		}
		ids[i] = id
	}
	return nil
}

// folder is where the tokenizer stands. It refuses options that are not known.
func (c *Config) folder() (string, error) {
	dir := c.Tokenizer
	for _, name := range slices.Sorted(maps.Keys(c.TokenizerOptions)) {
		switch name {
		case "use_fast", "local_files_only", "trust_remote_code":
		case "subfolder":
			inner, ok := c.TokenizerOptions[name].(string)
			if !ok || inner != "" && !filepath.IsLocal(inner) {
				return "", seam.Fieldf("tokenizer_kwargs", "subfolder %v is no folder in the tokenizer's", c.TokenizerOptions[name])
			}
			dir = filepath.Join(dir, inner)
		default:
			return "", &seam.UnsupportedError{Type: c.PEFTType(), Option: "tokenizer_kwargs", Value: name}
		}
	}
	return dir, nil
}
