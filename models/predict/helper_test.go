// Most tests of this package are about what becomes of a backbone's outputs, whatever engine made them, and run texts of many
// lengths: they run on the pure-Go engine only.

package predict_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// sizes are those of all tiny text models here.
const sizes = `"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 700, "max_position_embeddings": 64`

// bert is the config of a tiny BERT with some head and further fields.
func bert(class, more string) string {
	return fmt.Sprintf(`{"model_type": "bert", "architectures": [%q], "pad_token_id": 0, %s%s}`, class, sizes, more)
}

// three are the names of three classes.
const three = `, "id2label": {"0": "red", "1": "green", "2": "blue"}`

// open makes a model with random weights and a tokenizer, in a folder with more files.
func open(t testing.TB, config, tok string, more map[string]string) *peft.Adapted {
	t.Helper()
	e := golden.OpenEngine(t)
	b, err := models.Random([]byte(config), models.On(e), models.HeadSeed(3))
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, b.Save(dir))
	if tok != "" {
		raw, err := os.ReadFile("../tokenizer/testdata/" + tok + "/tokenizer.json")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644))
	}
	for name, text := range more {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	b, err = models.Load(dir, models.On(e))
	require.NoError(t, err)
	return peft.New(b)
}

// texts differ in length, and are not in its order.
var texts = []string{
	"the number is given", "return", "an object must be converted to a string by default, and errors are given as literals of the type in use; then the value is returned",
	"is it?", "the string of bytes is an argument of the function and must not be zero", "a", "convert the float to an integer",
}

// alone runs one text, unpadded and by itself, and gives an output.
func alone(t testing.TB, a *peft.Adapted, sel peft.Selection, name, text string, pair ...string) []float32 {
	t.Helper()
	enc := encoded(t, a, text, pair...)
	in := peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(enc.IDs, 1, enc.Len()),
		"attention_mask": tensors.FromFlatDataAndDimensions(enc.AttentionMask, 1, enc.Len()),
	}
	if a.Backbone().Info().TokenTypes {
		in["token_type_ids"] = tensors.FromFlatDataAndDimensions(enc.TypeIDs, 1, enc.Len())
	}
	out, err := a.Forward(t.Context(), sel, in)
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](out[name])
	require.NoError(t, err)
	return flat
}

// encoded gives the tokens of a text or a pair.
func encoded(t testing.TB, a *peft.Adapted, text string, pair ...string) *tokenizer.Encoding {
	t.Helper()
	tok, err := models.Tokenizer(a.Backbone())
	require.NoError(t, err)
	plain := &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}}
	enc, err := tok.Encode(text, plain)
	if len(pair) > 0 {
		enc, err = tok.EncodePair(text, pair[0], plain)
	}
	require.NoError(t, err)
	return enc
}

// softmax is exp(x) over the sum of all exp(x).
func softmax(x []float32) []float64 {
	sum, out := 0.0, make([]float64, len(x))
	for _, v := range x {
		sum += math.Exp(float64(v))
	}
	for i, v := range x {
		out[i] = math.Exp(float64(v)) / sum
	}
	return out
}

// tolerance of probabilities: that of float32 in sums of another order.
const tolerance = 2e-6

func shaped(flat []float32, dims []int) *peft.Tensor {
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}
