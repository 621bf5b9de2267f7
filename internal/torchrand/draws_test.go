package torchrand_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/torchrand"
)

// A golden call: a name, how many numbers, arguments, and the bits that torch or numpy drew (testdata/gen/torchrand.py).
type goldenCall struct {
	Call   string
	N      int
	Args   []json.Number
	Bits   []json.Number
	SHA256 string
	Ends   []json.Number // the first three and the last three, where there are too many
}

// Everything that torch and numpy drew, in the order in which they drew it.
func TestDraws(t *testing.T) {
	for i, c := range golden(t) {
		t.Run(fmt.Sprintf("%d/%s/seed=%d/%s", i, c.RNG, c.Seed, c.Calls[0].Call), func(t *testing.T) {
			var draw func(t *testing.T, c goldenCall) any
			switch c.RNG {
			case "torch":
				g := torchrand.NewGenerator(c.Seed)
				draw = func(t *testing.T, c goldenCall) any { return torchCall(t, g, c) }
			case "default_rng":
				g := torchrand.NewDefaultRNG(uint64(c.Seed))
				draw = func(t *testing.T, c goldenCall) any { return defaultCall(t, g, c) }
			case "random_state":
				g := torchrand.NewRandomState(uint32(c.Seed))
				draw = func(t *testing.T, c goldenCall) any { return stateCall(t, g, c) }
			}
			for _, call := range c.Calls {
				if call.Call == "perm_head" && os.Getenv("GOPEFT_FIXTURES") == "" {
					t.Skip("hundreds of millions of draws: runs with all golden cases, where GOPEFT_FIXTURES is set")
				}
				check(t, call, draw(t, call))
			}
		})
	}
}

func torchCall(t *testing.T, g *torchrand.Generator, c goldenCall) any {
	floats, doubles, a, b := []float32(nil), []float64(nil), 0.0, 0.0
	if len(c.Args) == 2 {
		floats, doubles = make([]float32, c.N), make([]float64, c.N)
		a, b = parse[float64](t, c.Args[0]), parse[float64](t, c.Args[1])
	}
	switch c.Call {
	case "uniform":
		g.Uniform(floats, a, b)
		return floats
	case "uniform64":
		g.Uniform64(doubles, a, b)
		return doubles
	case "uniform16":
		halves := make([]bfloat16.BFloat16, c.N)
		g.UniformBFloat16(halves, a, b)
		return halves
	case "normal":
		g.Normal(floats, a, b)
		return floats
	case "normal64":
		g.Normal64(doubles, a, b)
		return doubles
	case "bernoulli":
		p := make([]float32, c.N)
		for i := range p {
			p[i] = float32(i) / float32(max(1, c.N-1))
		}
		g.Bernoulli(floats, p)
		return floats
	case "perm":
		return wide(g.Perm(c.N))
	case "perm_head":
		return wide(g.PermHead(c.N, int(parse[int64](t, c.Args[0]))))
	default:
		return integers(t, c, g.Integers)
	}
}

func defaultCall(t *testing.T, g *torchrand.DefaultRNG, c goldenCall) any {
	switch c.Call {
	case "random":
		return fractions(c.N, g.Float64)
	case "choice":
		return must(g.Choice(int(parse[int64](t, c.Args[0])), c.N, c.Args[1] == "1"))(t)
	case "permutation":
		return wide(g.Permutation(c.N))
	case "shuffle":
		x := make([]int, c.N)
		for i := range x {
			x[i] = 3 * i
		}
		g.Shuffle(c.N, func(i, j int) { x[i], x[j] = x[j], x[i] })
		return wide(x)
	default:
		return integers(t, c, g.Integers)
	}
}

func stateCall(t *testing.T, g *torchrand.RandomState, c goldenCall) any {
	switch c.Call {
	case "random":
		return fractions(c.N, g.Float64)
	case "choice":
		return must(g.Choice(int(parse[int64](t, c.Args[0])), c.N, c.Args[1] == "1"))(t)
	case "permutation":
		return wide(g.Permutation(c.N))
	case "weighted":
		n := int(parse[int64](t, c.Args[0]))
		p, sum := make([]float64, n), 0.0
		for i := range p {
			if i%3 != 2 {
				p[i] = float64(n - i)
			}
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		return must(g.Weighted(p, c.N, c.Args[1] == "1"))(t)
	case "even":
		p := make([]float64, int(parse[int64](t, c.Args[0])))
		for i := range p {
			p[i] = float64(1 / float32(len(p)))
		}
		return must(g.Weighted(p, c.N, c.Args[1] == "1"))(t)
	default:
		return integers(t, c, g.Integers)
	}
}

func integers(t *testing.T, c goldenCall, draw func(out []int64, lo, hi int64)) []int64 {
	out := make([]int64, c.N)
	draw(out, parse[int64](t, c.Args[0]), parse[int64](t, c.Args[1]))
	return out
}

func fractions(n int, draw func() float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = draw()
	}
	return out
}

// wide gives x in 64 bits, as numpy has it.
func wide(x []int) []int64 {
	out := make([]int64, len(x))
	for i := range x {
		out[i] = int64(x[i])
	}
	return out
}

func must(x []int, err error) func(t *testing.T) []int64 {
	return func(t *testing.T) []int64 {
		require.NoError(t, err)
		return wide(x)
	}
}

// check compares bits. What went through the functions of Go's math package may differ as the package's documentation says.
func check(t *testing.T, c goldenCall, drawn any) {
	t.Helper()
	want := c.Bits
	if c.SHA256 != "" {
		want = c.Ends
	}
	switch got := drawn.(type) {
	case []float32:
		for i, x := range ends(c, got) {
			bits := parse[uint32](t, want[i])
			if c.Call == "normal" && c.N < 16 {
				require.InDelta(t, int64(bits), int64(math.Float32bits(x)), 1, "%s %d, number %d", c.Call, c.N, i)
			} else {
				require.Equal(t, math.Float32frombits(bits), x, "%s %d, number %d", c.Call, c.N, i)
			}
		}
	case []float64:
		for i, x := range ends(c, got) {
			exact := math.Float64frombits(parse[uint64](t, want[i]))
			if c.Call == "normal64" {
				require.InDelta(t, exact, x, 1e-15*math.Abs(exact), "%s %d, number %d", c.Call, c.N, i)
			} else {
				require.Equal(t, exact, x, "%s %d, number %d", c.Call, c.N, i)
			}
		}
	case []bfloat16.BFloat16:
		for i, x := range ends(c, got) {
			require.Equal(t, bfloat16.FromBits(parse[uint16](t, want[i])), x, "%s %d, number %d", c.Call, c.N, i)
		}
	case []int64:
		for i, x := range ends(c, got) {
			require.Equal(t, parse[int64](t, want[i]), x, "%s %d, number %d", c.Call, c.N, i)
		}
	}
	if c.SHA256 != "" && c.Call != "normal64" {
		var raw bytes.Buffer
		require.NoError(t, binary.Write(&raw, binary.LittleEndian, drawn))
		sum := sha256.Sum256(raw.Bytes())
		require.Equal(t, c.SHA256, hex.EncodeToString(sum[:]), "%s %d", c.Call, c.N)
	}
}

// ends gives those of x that the golden call has.
func ends[T any](c goldenCall, x []T) []T {
	if c.SHA256 == "" {
		return x
	}
	return append(append([]T(nil), x[:3]...), x[len(x)-3:]...)
}

func parse[T uint16 | uint32 | uint64 | int64 | float64](t *testing.T, n json.Number) (x T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(n), &x))
	return x
}

type goldenCase struct {
	RNG   string
	Seed  int64
	Calls []goldenCall
}

func golden(t *testing.T) []goldenCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/draws.json")
	require.NoError(t, err)
	var file struct{ Cases []goldenCase }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	return file.Cases
}
