package train

import (
	"encoding/json"
	"errors"
	"regexp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// scientific is a number with an exponent and no point, as in 1e-3: a float in YAML 1.2 as in JSON, and a word to the
// parser, which holds to YAML 1.1 here.
var scientific = regexp.MustCompile(`^([-+]?[0-9]+)([eE][-+]?[0-9]+)$`)

// yamlToJSON gives a YAML document as JSON.
func yamlToJSON(raw []byte) ([]byte, error) {
	tokens := lexer.Tokenize(string(raw))
	for _, t := range tokens {
		if m := scientific.FindStringSubmatch(t.Value); m != nil && t.Type == token.StringType {
			t.Type, t.Value = token.FloatType, m[1]+".0"+m[2]
		}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, errors.New("want one YAML document")
	}
	var value any
	if err := yaml.NodeToValue(file.Docs[0].Body, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}
