package peft_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

const queryA = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight"

// wordsKey is where HF PEFT writes the input embeddings beside an adapter that leaves them alone.
const wordsKey = "base_model.model.bert.embeddings.word_embeddings.weight"

// edited copies a golden adapter with changes to its config's text and its tensors.
func edited(t *testing.T, name string, words []string, change func(peft.Tensors)) string {
	f := golden.Committed(t)
	raw, err := os.ReadFile(filepath.Join(f.CaseDir("bert_seqcls", name), peft.ConfigFile))
	require.NoError(t, err)
	for i := 0; i < len(words); i += 2 {
		require.Contains(t, string(raw), words[i])
		raw = []byte(strings.Replace(string(raw), words[i], words[i+1], 1))
	}
	values, err := golden.ReadTensors(filepath.Join(f.CaseDir("bert_seqcls", name), peft.WeightsFile))
	require.NoError(t, err)
	if change != nil {
		change(values)
	}
	dir := filepath.Join(t.TempDir(), "edited")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, peft.ConfigFile), raw, 0o644))
	var b bytes.Buffer
	require.NoError(t, safetensors.Encode(&b, values, nil))
	require.NoError(t, os.WriteFile(filepath.Join(dir, peft.WeightsFile), b.Bytes(), 0o644))
	return dir
}

// TestLoadIsStrict: what does not fit is an error that names it, and what was near.
func TestLoadIsStrict(t *testing.T) {
	s := newScene(t)
	zeros := func(shape ...int) *peft.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return tensors.FromFlatDataAndDimensions(make([]float32, n), shape...)
	}
	for name, c := range map[string]struct {
		words  []string
		change func(peft.Tensors)
		is     error
		says   []string
	}{
		"missing": {nil, func(v peft.Tensors) { delete(v, queryA) }, peft.ErrTensor, []string{queryA, "is missing", "near: "}},
		"extra": {nil, func(v peft.Tensors) { v["base_model.model.bert.lora_A.weight"] = zeros(2) }, peft.ErrTensor,
			[]string{"base_model.model.bert.lora_A.weight", "belongs to nothing"}},
		"narrow vocabulary": {nil, func(v peft.Tensors) { v[wordsKey] = zeros(3, 31) }, peft.ErrTensor, []string{wordsKey, "[3 31]", "[61 32]"}},
		"misshapen":         {nil, func(v peft.Tensors) { v[queryA] = zeros(4, 31) }, peft.ErrTensor, []string{queryA, "[4 31]", "[4 32]"}},
		"transposed": {nil, func(v peft.Tensors) { v[queryA] = zeros(32, 4) }, peft.ErrTensor,
			[]string{queryA, "[32 4]"}},
		"integers": {nil, func(v peft.Tensors) { v[queryA] = tensors.FromFlatDataAndDimensions(make([]int32, 128), 4, 32) }, nil,
			[]string{queryA}},
		"another rank":    {[]string{`"r": 4`, `"r": 5`}, nil, peft.ErrTensor, []string{"lora_A.weight", "[4 32]", "[5 32]"}},
		"another target":  {[]string{`"query"`, `"key"`}, nil, peft.ErrTensor, []string{"self.key.lora_A.weight", "is missing"}},
		"no such target":  {[]string{`"query"`, `"qurey"`}, nil, peft.ErrTarget, []string{"target_modules", `"qurey"`, "near: query"}},
		"another family":  {[]string{`"query"`, `"q_lin"`}, nil, peft.ErrTarget, []string{"target_modules", `"q_lin"`}},
		"no such regexp":  {[]string{"[\n    \"value\",\n    \"query\"\n  ]", `".*q_proj"`}, nil, peft.ErrTarget, []string{"q_proj", "query"}},
		"not a regexp":    {[]string{"[\n    \"value\",\n    \"query\"\n  ]", `"(query"`}, nil, peft.ErrConfig, []string{"target_modules", "not a regular expression"}},
		"excluded":        {[]string{`"exclude_modules": null`, `"exclude_modules": ["classifer"]`}, nil, peft.ErrTarget, []string{"exclude_modules", "classifer", "near: classifier"}},
		"rank pattern":    {[]string{`"rank_pattern": {}`, `"rank_pattern": {"quary": 2}`}, nil, peft.ErrTarget, []string{"rank_pattern", "quary"}},
		"alpha pattern":   {[]string{`"alpha_pattern": {}`, `"alpha_pattern": {"valu": 2}`}, nil, peft.ErrTarget, []string{"alpha_pattern", "valu"}},
		"saved module":    {[]string{`"score"`, `"scorer"`}, nil, peft.ErrTarget, []string{"modules_to_save", "scorer"}},
		"twice":           {[]string{`"r": 4`, `"r": 4, "r": 4`}, nil, peft.ErrConfig, []string{"r: stands twice"}},
		"null":            {[]string{`"r": 4`, `"r": null`}, nil, peft.ErrConfig, []string{"r: null"}},
		"zero":            {[]string{`"r": 4`, `"r": 0`}, nil, peft.ErrConfig, []string{"r: 0 is not a value"}},
		"word":            {[]string{`"r": 4`, `"r": "four"`}, nil, peft.ErrConfig, []string{"r: want int"}},
		"negative":        {[]string{`"r": 4`, `"r": -4`}, nil, peft.ErrConfig, []string{"r: must be at least 1"}},
		"task type":       {[]string{`"SEQ_CLS"`, `"SEQ_CLASS"`}, nil, peft.ErrConfig, []string{"task_type", "SEQ_CLASS"}},
		"type":            {[]string{`"LORA"`, `"LORRA"`}, nil, peft.ErrUnknownType, []string{"LORRA", "LORA"}},
		"no type":         {[]string{`"peft_type"`, `"pft_type"`}, nil, peft.ErrConfig, []string{"peft_type: is missing"}},
		"layers, regexp":  {[]string{"[\n    \"value\",\n    \"query\"\n  ]", `".*query"`, `"layers_to_transform": null`, `"layers_to_transform": 0`}, nil, peft.ErrConfig, []string{"layers_to_transform"}},
		"pattern alone":   {[]string{`"layers_pattern": null`, `"layers_pattern": "layer"`}, nil, peft.ErrConfig, []string{"layers_pattern", "layers_to_transform"}},
		"no such layer":   {[]string{`"layers_to_transform": null`, `"layers_to_transform": [7]`}, nil, peft.ErrTarget, []string{"target_modules"}},
		"not JSON":        {[]string{`"r": 4`, `"r": 4,,`}, nil, peft.ErrConfig, nil},
		"text afterwards": {[]string{`"r": 4`, `"r": 4}, {"r": 5`}, nil, peft.ErrConfig, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := edited(t, "lora", c.words, c.change)
			_, err := peft.Load(s.b, dir)
			require.Error(t, err)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			for _, says := range append(c.says, dir) {
				require.ErrorContains(t, err, says)
			}
		})
	}
}

// TestLoadElsewhere: an adapter of one backbone on another, and folders that hold none.
func TestLoadElsewhere(t *testing.T) {
	s := newScene(t)
	f := golden.Committed(t)
	_, err := peft.Load(s.b, f.CaseDir("bert_qa", "lora"))
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "bert.pooler.dense") // its targets mean the pooler as well, which a QA model lacks

	_, err = peft.Load(s.b, t.TempDir())
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorIs(t, err, os.ErrNotExist)

	half := edited(t, "lora", nil, nil)
	require.NoError(t, os.Rename(filepath.Join(half, peft.WeightsFile), filepath.Join(half, "adapter_model.bin")))
	_, err = peft.Load(s.b, half)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "is a pickle")
}

// TestLenient takes what HF PEFT takes: extra tensors are passed over, missing ones keep their first values.
func TestLenient(t *testing.T) {
	s := newScene(t)
	dir := edited(t, "lora", []string{`"query"`, `"query", "nothing"`}, func(v peft.Tensors) {
		delete(v, queryA)
		v["extra"] = tensors.FromFlatDataAndDimensions([]float32{1}, 1)
	})
	_, err := peft.Load(s.b, dir)
	require.Error(t, err)
	a, err := peft.Load(s.b, dir, peft.Lenient(), peft.Seed(7))
	require.NoError(t, err)
	fresh, err := peft.Attach(s.b, "fresh", small(4, 8, "query", "value"), peft.Seed(7))
	require.NoError(t, err)
	got, err := a.Adapter("edited")
	require.NoError(t, err)
	want, err := fresh.Adapter("fresh")
	require.NoError(t, err)
	require.Equal(t, s.flat(want, queryA), s.flat(got, queryA))
	_, err = got.Value("extra")
	require.ErrorIs(t, err, peft.ErrTensor)
}

// TestLoadWidens reads half-precision values, and keys without HF PEFT's prefix.
func TestLoadWidens(t *testing.T) {
	s := newScene(t)
	dir := edited(t, "lora", nil, func(v peft.Tensors) {
		for key, x := range v {
			half, err := safetensors.Convert(x, dtypes.BFloat16)
			require.NoError(t, err)
			delete(v, key)
			v[strings.TrimPrefix(key, "base_model.model.")] = half
		}
	})
	a, err := peft.Load(s.b, dir)
	require.NoError(t, err)
	exact, err := peft.Load(s.b, golden.Committed(t).CaseDir("bert_seqcls", "lora"))
	require.NoError(t, err)
	got, err := a.Adapter("edited")
	require.NoError(t, err)
	want, err := exact.Adapter("lora")
	require.NoError(t, err)
	require.Len(t, got.Values(), len(want.Values()))
	for key := range want.Values() {
		exact, rounded := s.flat(want, key), s.flat(got, key)
		for i := range exact { // bfloat16 keeps 8 bits
			require.InEpsilon(t, exact[i], rounded[i], 1.0/256, key)
		}
		require.NotEqual(t, exact, rounded)
	}
}
