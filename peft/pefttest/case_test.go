package pefttest_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

type unregistered struct{ Config }

func (*unregistered) PEFTType() string { return "UNREGISTERED" }

// A case that can't be tried breaks no law: one error says what is wrong with it.
func TestCaseIsChecked(t *testing.T) {
	fine := &Config{Targets: seam.Match("query")}
	family := func() (*peft.Backbone, error) {
		return models.Random([]byte(`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_layer": 1, "n_head": 2, "vocab_size": 10, "n_positions": 8}`))
	}
	for want, c := range map[string]pefttest.Case{
		"a Case needs either Config or JSON":         {Name: "empty"},
		"pefttest: a Case needs either Config":       {Config: fine, JSON: `{"peft_type": "BOUNDED_SCALE"}`},
		`Case.JSON: unknown peft_type "NONE"`:        {JSON: `{"peft_type": "NONE"}`},
		"Case.Config: bad adapter config":            {Config: (*Config)(nil)},
		`Case.Config: unknown peft_type "UNREGISTE`:  {Config: &unregistered{}},
		"BOUNDED_SCALE: Case.Backbone: out of order": {Config: fine, Backbone: func() (*peft.Backbone, error) { return nil, errors.New("out of order") }},
		"neither Tiny nor Convolved":                 {Config: fine, Backbone: family},
		"that is neither Tiny":                       {Config: fine, Backbone: func() (*peft.Backbone, error) { return nil, nil }},
	} {
		err := pefttest.Check(c)
		require.ErrorContains(t, err, want)
		require.Empty(t, broken(err), want)
	}
}

// The documentation lists every law, in the words of its error, and no other.
func TestDocumentationListsLaws(t *testing.T) {
	raw, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	text := regexp.MustCompile(`\n//( {3})? *`).ReplaceAllString(string(raw), " ")
	laws := pefttest.Laws()
	for name, rule := range laws {
		require.Contains(t, text, "- "+name+": "+rule+".")
	}
	_, list, _ := strings.Cut(string(raw), "# The laws")
	list, _, _ = strings.Cut(list, "# Exceptions")
	require.Len(t, laws, strings.Count(list, "//   - "))
}
