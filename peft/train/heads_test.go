package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Classes that do not fit the head are refused before anything is trained.
func TestClasses(t *testing.T) {
	a, _ := newToy(t, 0) // with the classes a, b, c
	for says, task := range map[string]train.Task{
		`0 and 2 have the same name, "x"`:                     train.Classification("x", "y", "x"),
		"there are no names of classes":                       train.Classification(),
		"has 4 classes, and the backbone's head 3 outputs":    train.Classification("a", "b", "c", "d"),
		`in the order ["b" "a" "c"], and the backbone in the`: train.Classification("b", "a", "c"),
	} {
		_, err := train.New(a, train.Options{Task: task})
		require.ErrorIs(t, err, train.ErrOptions, says)
		require.ErrorContains(t, err, says)
	}
	for _, task := range []train.Task{train.Classification("a", "b", "c"), train.Classification("x", "y", "z"), train.Classification("x", "y")} {
		_, err := train.New(a, train.Options{Task: task})
		require.NoError(t, err)
	}
}

// What a head can't be trained for is said in a sentence.
func TestHeads(t *testing.T) {
	_, err := train.TaskFor(peft.Info{})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "the backbone has no head, and so no loss to train with: load it for a task")
	_, err = train.TaskFor(peft.Info{Head: "keypoint-matching"})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, `the head of a backbone for "keypoint-matching" has no loss`)

	// One output is a number: names of classes don't fit it.
	b, err := models.LoadForClasses(textBERT(t), []string{"yes"})
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", mustConfig(t))
	require.NoError(t, err)
	trainer, err := train.New(a, train.Options{})
	require.NoError(t, err)
	_, err = trainer.Fit(t.Context(), []data.Example{{Text: "a", Label: data.WordLabel("yes")}})
	require.ErrorIs(t, err, data.ErrLabel)
	require.ErrorContains(t, err, "the head has one output and predicts a number: for classes, load the backbone with the names of two or more")
}

// A length that special tokens take up is refused: there would be nothing of the text.
func TestNoRoom(t *testing.T) {
	golden.OnGo(t)
	a := attach(t, textBERT(t))
	pairs := sentences(4)
	pairs[3].Pair = "z"
	for _, c := range []struct {
		length   int
		examples []data.Example
		special  string
	}{{1, sentences(4), "2 special"}, {2, sentences(4), "2 special"}, {3, sentences(4), ""}, {3, pairs, "3 special"}, {4, pairs, ""}} {
		trainer, err := train.New(a, train.Options{MaxLength: c.length, Steps: 1, Optimizer: optim.SGD{LR: optim.Zero}})
		require.NoError(t, err)
		_, err = trainer.Fit(t.Context(), c.examples)
		if c.special == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, train.ErrOptions)
		require.ErrorContains(t, err, "MaxLength: ")
		require.ErrorContains(t, err, "leaves no room for text: the tokenizer adds "+c.special)
	}
	// A tokenizer that adds none has room in one token.
	tok, err := tokenizer.Load(textBERT(t))
	require.NoError(t, err)
	trainer, err := train.New(a, train.Options{MaxLength: 1, Steps: 1, Tokenizer: plain{tok}, Optimizer: optim.SGD{LR: optim.Zero}})
	require.NoError(t, err)
	_, err = trainer.Fit(t.Context(), sentences(4))
	require.NoError(t, err)
}

// plain adds no special tokens.
type plain struct{ tokenizer.Tokenizer }

func (p plain) Encode(text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
	bare := *o
	bare.NoSpecialTokens = true
	return p.Tokenizer.Encode(text, &bare)
}
