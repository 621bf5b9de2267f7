package predict

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gopeft/gopeft/peft"
)

// sentence is what a sentence-transformers folder says of embeddings.
type sentence struct {
	pooling   []Pooling // joined in this order
	steps     []func([]float64) ([]float64, error)
	normal    bool   // vectors are brought to length 1 at the end
	maxLength int    // 0 where the folder names none
	lower     bool   // texts are put into lower case
	strips    bool   // white space around texts is left out
	prompt    string // in front of every text
}

// modulesFile lists the steps of a sentence-transformers model, which begin with the backbone.
const modulesFile = "modules.json"

// transformerFiles are the names that the settings of the first one may have.
var transformerFiles = []string{
	"sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_xlm-roberta_config.json",
}

// module is one of them.
type module struct {
	Path string `json:"path"`
	Type string `json:"type"`
}

// name is the last part of the module's class.
func (m module) name() string { return m.Type[strings.LastIndex(m.Type, ".")+1:] }

// readSentence reads what the folder of a backbone says, or the folder above where the backbone is one of its modules.
// Without a modules.json the embedding is the mean, not normalised.
func readSentence(dir string) (*sentence, error) {
	s := &sentence{pooling: []Pooling{MeanPooling}}
	if dir == "" {
		return s, nil
	}
	root, modules, err := findModules(dir)
	if err != nil || modules == nil {
		return s, err
	}
	s.strips = true
	if err := s.readTransformer(root, dir); err != nil {
		return nil, err
	}
	for i, m := range modules {
		at := filepath.Join(root, m.Path)
		switch name := m.name(); {
		case i == 0 && name == "Transformer":
		case i == 1 && name == "Pooling":
			s.pooling, err = readPooling(filepath.Join(at, "config.json"), s.prompt != "")
		case i > 1 && name == "Normalize":
			if s.normal = i == len(modules)-1; !s.normal {
				s.steps = append(s.steps, func(x []float64) ([]float64, error) { return normalize(x), nil })
			}
		case i > 1 && name == "Dense":
			var step func([]float64) ([]float64, error)
			step, err = readDense(at)
			s.steps = append(s.steps, step)
		default:
			err = fmt.Errorf("%s: %w", filepath.Join(root, modulesFile), &peft.UnsupportedError{Option: fmt.Sprintf("module %d", i), Value: m.Type})
		}
		if err != nil {
			return nil, err
		}
	}
	if len(modules) < 2 {
		return nil, fmt.Errorf("%w: %s: no Pooling follows the backbone", ErrModel, filepath.Join(root, modulesFile))
	}
	return s, nil
}

// findModules gives the folder with the modules.json that a backbone's folder belongs to, and the modules; nil for none.
func findModules(dir string) (root string, modules []module, err error) {
	ok, err := readJSON(filepath.Join(dir, modulesFile), &modules)
	if ok || err != nil {
		return dir, modules, err
	}
	root = filepath.Dir(filepath.Clean(dir))
	ok, err = readJSON(filepath.Join(root, modulesFile), &modules)
	if !ok || err != nil || len(modules) == 0 || modules[0].Path != filepath.Base(dir) {
		return "", nil, nil // a file above that is about other folders says nothing of this one
	}
	return root, modules, nil
}

// readTransformer reads how texts become tokens.
func (s *sentence) readTransformer(root, dir string) error {
	var bert struct {
		MaxLength *int `json:"max_seq_length"`
		Lower     bool `json:"do_lower_case"`
	}
	for _, name := range transformerFiles {
		if ok, err := readJSON(filepath.Join(dir, name), &bert); err != nil {
			return err
		} else if ok {
			break
		}
	}
	if bert.MaxLength != nil {
		s.maxLength = max(*bert.MaxLength, 0)
	}
	s.lower = bert.Lower
	var whole struct {
		Prompts map[string]string `json:"prompts"`
		Default *string           `json:"default_prompt_name"`
	}
	path := filepath.Join(root, "config_sentence_transformers.json")
	if _, err := readJSON(path, &whole); err != nil {
		return err
	}
	if whole.Default != nil {
		text, ok := whole.Prompts[*whole.Default]
		if !ok {
			return fmt.Errorf("%w: %s: default_prompt_name %q is none of the prompts", ErrModel, path, *whole.Default)
		}
		s.prompt = text
	}
	return nil
}

// readJSON reads a file into a value and reports whether there is one.
func readJSON(path string, into any) (bool, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return false, fmt.Errorf("%w: %s: %w", ErrModel, path, err)
	}
	return true, nil
}
