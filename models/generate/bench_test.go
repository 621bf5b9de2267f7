package generate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// llama160M is the size of JackFram/llama-160m.
const llama160M = `{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":768,"num_hidden_layers":12,` +
	`"num_attention_heads":12,"intermediate_size":3072,"vocab_size":32000,"max_position_embeddings":2048}`

// BenchmarkGenerate writes 64 tokens behind prompts of 32 and reports the time of one step, all rows together, and of
// reading the prompt. internal/testdata/gen/generation_speed.py measures transformers so.
func BenchmarkGenerate(b *testing.B) {
	backbone, err := models.Random([]byte(llama160M))
	require.NoError(b, err)
	for _, rows := range []int{1, 8} {
		b.Run(fmt.Sprint("batch", rows), func(b *testing.B) {
			g, err := generate.New(peft.New(backbone), generate.Options{MaxNewTokens: 64, EOS: []int32{}})
			require.NoError(b, err)
			batch := generate.Batch{}
			for i := range rows {
				ids := make([]int32, 32)
				for j := range ids {
					ids[j] = int32(5 + 37*i + 101*j)
				}
				batch.IDs = append(batch.IDs, ids)
			}
			_, err = g.Generate(b.Context(), peft.Base(), batch) // compiles
			require.NoError(b, err)
			var read, step time.Duration
			for b.Loop() {
				last := time.Now()
				n := 0
				for _, err := range g.Tokens(b.Context(), peft.Base(), batch) {
					require.NoError(b, err)
					now := time.Now()
					if n++; n == 1 {
						read += now.Sub(last)
					} else {
						step += now.Sub(last)
					}
					last = now
				}
				require.Equal(b, 64, n)
			}
			b.ReportMetric(float64(read.Microseconds())/1e3/float64(b.N), "read-ms")
			b.ReportMetric(float64(step.Microseconds())/1e3/63/float64(b.N), "step-ms")
		})
	}
}
