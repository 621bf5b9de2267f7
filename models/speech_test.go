package models_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// speech is a config of a few hundred parameters without chance, one frame of which hears 11 samples.
func speech(family, class, more string) []byte {
	return []byte(`{"model_type":"` + family + `","architectures":["` + class + `"],"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,` +
		`"intermediate_size":12,"conv_dim":[4,6],"conv_kernel":[5,3],"conv_stride":[3,2],"num_conv_pos_embeddings":4,"num_conv_pos_embedding_groups":2,` +
		`"vocab_size":9,"classifier_proj_size":5,"hidden_dropout":0,"activation_dropout":0,"attention_dropout":0,"final_dropout":0,"layerdrop":0,` +
		`"apply_spec_augment":false` + more + `}`)
}

// wave is a batch of waveforms.
func wave(batch, samples int) *peft.Tensor {
	flat := make([]float32, batch*samples)
	for i := range flat {
		flat[i] = float32(math.Sin(float64(i*i%97))) - 0.1
	}
	return tensors.FromFlatDataAndDimensions(flat, batch, samples)
}

// Every class, drawn, written and opened again, gives the same outputs; an older name of a weight norm's parts opens too.
func TestSpeechOpensAgain(t *testing.T) {
	on := engine(t)
	for class, family := range map[string]string{
		"Wav2Vec2Model": "wav2vec2", "Wav2Vec2ForCTC": "wav2vec2", "Wav2Vec2ForSequenceClassification": "wav2vec2",
		"HubertModel": "hubert", "HubertForCTC": "hubert", "HubertForSequenceClassification": "hubert",
	} {
		b, err := models.Random(speech(family, class, `,"use_weighted_layer_sum":true`), on, models.HeadSeed(1))
		require.NoError(t, err, class)
		want, err := b.Forward(context.Background(), peft.Tensors{"input_values": wave(2, 30)})
		require.NoError(t, err, class)
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		for _, name := range []func(string) string{
			func(n string) string { return n },
			strings.NewReplacer("parametrizations.weight.original0", "weight_g", "parametrizations.weight.original1", "weight_v").Replace,
		} {
			rename(t, dir, name)
			again, err := models.Load(dir, on)
			require.NoError(t, err, class)
			require.Empty(t, again.Origin().Drawn, class)
			require.Equal(t, b.NumParams(), again.NumParams(), class)
			got, err := again.Forward(context.Background(), peft.Tensors{"input_values": wave(2, 30)})
			require.NoError(t, err, class)
			require.NoError(t, golden.Same(class, want, got))
		}
	}
}

// Every field that would change the numbers and is not supported is refused by name.
func TestUnsupportedConfigOfSpeech(t *testing.T) {
	for _, c := range []struct{ family, class, field, more string }{
		{"wav2vec2", "Wav2Vec2Model", "add_adapter", `,"add_adapter":true`},
		{"wav2vec2", "Wav2Vec2ForCTC", "adapter_attn_dim", `,"adapter_attn_dim":16`},
		{"wav2vec2", "Wav2Vec2ForCTC", "pad_token_id", `,"pad_token_id":9`},
		{"wav2vec2", "Wav2Vec2ForCTC", "ctc_loss_reduction", `,"ctc_loss_reduction":"none"`},
		{"wav2vec2", "Wav2Vec2ForCTC", "final_dropout", `,"final_dropout":1`},
		{"wav2vec2", "Wav2Vec2Model", "conv_stride", `,"conv_stride":[3]`},
		{"wav2vec2", "Wav2Vec2Model", "conv_kernel", `,"conv_kernel":[5,0]`},
		{"wav2vec2", "Wav2Vec2Model", "conv_dim", `,"conv_dim":[]`},
		{"wav2vec2", "Wav2Vec2Model", "num_feat_extract_layers", `,"num_feat_extract_layers":7`},
		{"wav2vec2", "Wav2Vec2Model", "feat_extract_norm", `,"feat_extract_norm":"batch"`},
		{"wav2vec2", "Wav2Vec2Model", "feat_extract_activation", `,"feat_extract_activation":"selu"`},
		{"wav2vec2", "Wav2Vec2Model", "num_conv_pos_embedding_groups", `,"num_conv_pos_embedding_groups":3`},
		{"wav2vec2", "Wav2Vec2Model", "layerdrop", `,"layerdrop":1`},
		{"wav2vec2", "Wav2Vec2Model", "mask_time_prob", `,"mask_time_prob":-1`},
		{"wav2vec2", "Wav2Vec2Model", "mask_feature_length", `,"mask_feature_length":0`},
		{"wav2vec2", "Wav2Vec2Model", "mask_time_min_masks", `,"mask_time_min_masks":-1`},
		{"hubert", "HubertModel", "conv_pos_batch_norm", `,"conv_pos_batch_norm":true`},
		{"hubert", "HubertForSequenceClassification", "classifier_proj_size", `,"classifier_proj_size":0`},
	} {
		_, err := models.Random(speech(c.family, c.class, c.more))
		require.ErrorIs(t, err, arch.ErrConfig, c.field)
		require.ErrorContains(t, err, c.field)
	}
	_, err := models.Random(speech("wav2vec2", "Wav2Vec2ForXVector", ""))
	require.ErrorIs(t, err, models.ErrFamily)
	require.ErrorContains(t, err, "Wav2Vec2ForCTC")
}

func TestBadInputOfSpeech(t *testing.T) {
	on := engine(t)
	mask := func(rows ...[]int32) *peft.Tensor { return tensors.FromValue(rows) }
	ones := func(n, of int) []int32 {
		out := make([]int32, of)
		for i := range n {
			out[i] = 1
		}
		return out
	}
	late := ones(12, 14)
	late[0], late[12] = 0, 1
	w := func(more peft.Tensors) peft.Tensors {
		out := peft.Tensors{"input_values": wave(1, 14)}
		for name, x := range more {
			out[name] = x
		}
		return out
	}
	for _, c := range []struct {
		class string
		in    peft.Tensors
		says  []string
	}{
		{"Wav2Vec2Model", peft.Tensors{}, []string{"input_values", "missing"}},
		{"Wav2Vec2Model", peft.Tensors{"input_values": tensors.FromValue([]float32{1, 2})}, []string{"input_values", "[2]"}},
		{"Wav2Vec2Model", peft.Tensors{"input_values": wave(1, 10)}, []string{"input_values", "10 samples", "11"}},
		{"Wav2Vec2Model", peft.Tensors{"input_values": mask(ones(3, 20))}, []string{"input_values", "Int32"}},
		{"Wav2Vec2Model", w(peft.Tensors{"attention_mask": mask(ones(13, 13))}), []string{"attention_mask", "[1 13]"}},
		{"Wav2Vec2Model", w(peft.Tensors{"attention_mask": mask(ones(10, 14))}), []string{"attention_mask", "row 0", "10 samples", "11"}},
		{"Wav2Vec2Model", w(peft.Tensors{"attention_mask": mask(late)}), []string{"attention_mask", "row 0", "after padding"}},
		{"Wav2Vec2Model", w(peft.Tensors{"attention_mask": mask(append(ones(13, 13), 2))}), []string{"attention_mask", "value 2"}},
		{"Wav2Vec2Model", w(peft.Tensors{"labels": mask(ones(1, 1))}), []string{"labels", "no argument"}},
		{"Wav2Vec2Model", w(peft.Tensors{"mask_time_indices": mask(ones(1, 1))}), []string{"mask_time_indices", "no argument"}},
		{"Wav2Vec2ForCTC", w(peft.Tensors{"labels": tensors.FromValue([]int32{1})}), []string{"labels", "[1]", "[1, count]"}},
		{"Wav2Vec2ForCTC", w(peft.Tensors{"labels": mask([]int32{1, 9})}), []string{"labels", "value 9"}},
		{"Wav2Vec2ForCTC", w(peft.Tensors{"labels": mask([]int32{1, -1})}), []string{"labels", "value -1"}},
		{"Wav2Vec2ForSequenceClassification", w(peft.Tensors{"labels": tensors.FromValue([]int32{2})}), []string{"labels", "value 2"}},
		{"Wav2Vec2ForSequenceClassification", w(peft.Tensors{"labels": tensors.FromValue([]float32{1})}), []string{"labels", "Float32"}},
	} {
		b, err := models.Random(speech("wav2vec2", c.class, ""), on)
		require.NoError(t, err)
		_, err = b.Forward(context.Background(), c.in)
		require.ErrorIs(t, err, peft.ErrInput, "%v", c.says)
		for _, s := range c.says {
			require.ErrorContains(t, err, s)
		}
	}
}

// The convolution of positions has a computed weight: a target that means it is refused by its path, and may be excluded.
func TestTargetsOfPositionalConvolution(t *testing.T) {
	b, err := models.Random(speech("wav2vec2", "Wav2Vec2ForCTC", ""), engine(t))
	require.NoError(t, err)
	_, err = peft.Attach(b, "all", &lora.Config{R: 2, Targets: peft.Match("conv")})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "wav2vec2.encoder.pos_conv_embed.conv, a convolution with weight norm")
	a, err := peft.Attach(b, "rest", &lora.Config{R: 2, Targets: peft.Match("conv"), Exclude: peft.Match("pos_conv_embed.conv")})
	require.NoError(t, err)
	ad, err := a.Adapter("rest")
	require.NoError(t, err)
	require.Equal(t, []string{"wav2vec2.feature_extractor.conv_layers.0.conv", "wav2vec2.feature_extractor.conv_layers.1.conv"}, ad.Sites())
}

// train runs a training pass's forward for some steps and gives its outputs of each.
func train(t *testing.T, b *peft.Backbone, key string, in peft.Tensors, steps int, build func(c *seam.Call, in seam.Nodes) *seam.Node) []*peft.Tensor {
	t.Helper()
	p := peft.Program{Key: key, Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{build(c, in)}
	}}
	state, out, a := peft.RandomState(5), []*peft.Tensor{}, peft.New(b)
	for range steps {
		got, err := a.Run(context.Background(), p, peft.Base(), in, []*peft.Tensor{state}, nil)
		require.NoError(t, err)
		out, state = append(out, got[0]), got[1]
	}
	return out
}

// SpecAugment hides each frame as often as transformers does, in rows of every length, and never all frames alike.
func TestSpecAugmentIsTransformers(t *testing.T) {
	raw, err := os.ReadFile("testdata/spec_augment.json")
	require.NoError(t, err)
	var cases []struct {
		Prob          float64
		Length, Least int
		Lengths       []int
		Hidden        [][]float64
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	const frames, copies, steps = 20, 20, 200
	b, err := models.Random(speech("wav2vec2", "Wav2Vec2Model", ""), engine(t))
	require.NoError(t, err)
	for _, c := range cases {
		var mask [][]bool
		for _, n := range c.Lengths {
			for range copies {
				row := make([]bool, frames)
				for i := range n {
					row[i] = true
				}
				mask = append(mask, row)
			}
		}
		s := arch.SpecAugment{Vector: "masked_spec_embed", ByLength: true, Time: arch.Spans{Share: c.Prob, Length: c.Length, Least: c.Least}}
		counts := make([]float64, len(c.Lengths)*frames)
		for _, out := range train(t, b, fmt.Sprint(s), nil, steps, func(call *seam.Call, _ seam.Nodes) *seam.Node {
			x := graph.BroadcastToDims(graph.Const(call.Graph(), float32(7)), len(mask), frames, 8)
			return graph.ReduceMax(graph.ConvertDType(graph.NotEqual(s.Forward(call, x, graph.Const(call.Graph(), mask)), x), x.DType()), 2)
		}) {
			for i, hidden := range tensors.MustCopyFlatData[float32](out) {
				counts[i/frames/copies*frames+i%frames] += float64(hidden)
			}
		}
		for row, want := range c.Hidden {
			for i, p := range want {
				// Three deviations of 4000 draws; a step's are not all apart, as it rounds the number of spans once.
				require.InDelta(t, p, counts[row*frames+i]/copies/steps, 0.025, "prob %v, row %d, frame %d", c.Prob, row, i)
			}
		}
	}
}

// Spans of channels are 0 in every frame, and a batch too short for one span of frames is refused.
func TestSpecAugmentOfChannels(t *testing.T) {
	on := engine(t)
	b, err := models.Random(speech("hubert", "HubertModel", ""), on)
	require.NoError(t, err)
	s := arch.SpecAugment{Width: arch.Spans{Share: 0.5, Length: 2, Least: 2}}
	out := train(t, b, "channels", nil, 1, func(c *seam.Call, _ seam.Nodes) *seam.Node {
		return s.Forward(c, graph.BroadcastToDims(graph.Const(c.Graph(), float32(7)), 1, 3, 8), graph.Const(c.Graph(), [][]bool{{true, true, true}}))
	})[0].Value().([][][]float32)[0]
	hidden := 0
	for i, v := range out[0] {
		require.Equal(t, v, out[1][i])
		require.Contains(t, []float32{0, 7}, v)
		if v == 0 {
			hidden++
		}
	}
	require.GreaterOrEqual(t, hidden, 3, "two spans overlap in one place at most: they begin apart")
	require.LessOrEqual(t, hidden, 4)

	b, err = models.Random(speech("wav2vec2", "Wav2Vec2ForCTC", `,"apply_spec_augment":true`), on)
	require.NoError(t, err)
	p := peft.Program{Key: "short", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}}
	_, err = peft.New(b).Run(context.Background(), p, peft.Base(), peft.Tensors{"input_values": wave(1, 30)}, []*peft.Tensor{peft.RandomState(1)}, nil)
	require.ErrorContains(t, err, "4 frames")
	require.ErrorContains(t, err, "mask_time_length = 10")
}

// A block that is left out is left out for the whole batch, by a draw of its own in each step, as often as layerdrop says.
func TestLayerDrop(t *testing.T) {
	b, err := models.Random(speech("wav2vec2", "Wav2Vec2Model", `,"num_hidden_layers":2,"layerdrop":0.3`), engine(t))
	require.NoError(t, err)
	in := peft.Tensors{"input_values": wave(2, 20)}
	const steps = 300
	seen := map[string]int{}
	for _, out := range train(t, b, "blocks", in, steps, func(c *seam.Call, in seam.Nodes) *seam.Node { return c.Forward(in)["last_hidden_state"] }) {
		flat := tensors.MustCopyFlatData[float32](out)
		seen[fmt.Sprintf("%.5f", flat[:3])]++
	}
	full, err := b.Forward(context.Background(), in)
	require.NoError(t, err)
	both := fmt.Sprintf("%.5f", tensors.MustCopyFlatData[float32](full["last_hidden_state"])[:3])
	require.Len(t, seen, 4, "both blocks, either, or none")
	require.InDelta(t, 0.49*steps, seen[both], 4*math.Sqrt(0.49*0.51*steps))
}
