package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// course are the arguments of a schedule as the fixture names them.
type course struct {
	Warmup optim.Warmup
	Total  int
}

// schedules makes a schedule for each name in the fixture; a new one joins with its row.
var schedules = map[string]func(course) optim.Schedule{
	"constant": func(c course) optim.Schedule { return optim.Constant{Warmup: c.Warmup} },
	"linear":   func(c course) optim.Schedule { return optim.Linear{Warmup: c.Warmup} },
	"cosine":   func(c course) optim.Schedule { return optim.Cosine{Warmup: c.Warmup} },
}

// TestSchedules follows the courses of transformers' and torch's own.
func TestSchedules(t *testing.T) {
	raw, err := os.ReadFile("testdata/schedules.json")
	require.NoError(t, err)
	var cases []struct {
		Name string
		Args course
		LR   []float64
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	ran := 0
	for _, c := range cases {
		construct, known := schedules[c.Name]
		if !known {
			continue
		}
		ran++
		s, total := construct(c.Args), max(c.Args.Total, 1)
		require.NoError(t, s.Validate(total))
		require.Len(t, c.LR, 40)
		for i, want := range c.LR {
			require.InDelta(t, want, s.Factor(i, total), 1e-9, "%s at %d", c.Name, i)
		}
	}
	require.Equal(t, len(schedules), ran)
}

// TestWarmupShare: a share of the run, rounded up, is the same as its count.
func TestWarmupShare(t *testing.T) {
	for _, c := range []struct {
		share optim.Warmup
		total int
		count optim.Warmup
	}{{0.15, 40, 6}, {0.1, 25, 3}, {0.99, 3, 3}, {0, 9, 0}} {
		for i := range c.total {
			require.Equal(t, optim.Linear{Warmup: c.count}.Factor(i, c.total), optim.Linear{Warmup: c.share}.Factor(i, c.total))
			require.Equal(t, optim.Cosine{Warmup: c.count}.Factor(i, c.total), optim.Cosine{Warmup: c.share}.Factor(i, c.total))
		}
	}
}

// TestSchedulesEnd: past its end a course stays where it ended.
func TestSchedulesEnd(t *testing.T) {
	for _, s := range []optim.Schedule{optim.Linear{}, optim.Linear{Warmup: 3}, optim.Cosine{}, optim.Cosine{Warmup: 2}} {
		for _, i := range []int{3, 4, 1000} {
			require.InDelta(t, 0, s.Factor(i, 3), 1e-12, "%+v at %d", s, i)
		}
	}
	require.Equal(t, 1.0, optim.Constant{}.Factor(1e9, 10))
}

func TestScheduleErrors(t *testing.T) {
	for _, w := range []optim.Warmup{-1, -0.1, 1.5, 11, optim.Warmup(math.NaN()), optim.Warmup(math.Inf(1))} {
		for _, s := range []optim.Schedule{optim.Linear{Warmup: w}, optim.Cosine{Warmup: w}, optim.Constant{Warmup: w}} {
			if _, constant := s.(optim.Constant); constant && w == 11 {
				require.NoError(t, s.Validate(10), "a constant schedule may be cut short")
				continue
			}
			var field *optim.FieldError
			err := s.Validate(10)
			require.ErrorAs(t, err, &field, "%T with warmup %v", s, w)
			require.Equal(t, "Warmup", field.Field)
			require.ErrorIs(t, err, optim.ErrConfig)
		}
	}
	for _, s := range []optim.Schedule{optim.Linear{}, optim.Cosine{}, optim.Constant{}} {
		require.ErrorIs(t, s.Validate(0), optim.ErrConfig)
		require.NoError(t, s.Validate(1))
	}
	require.EqualError(t, optim.Linear{Warmup: 50}.Validate(40), "optim: Linear.Warmup is 50; want at most the run's 40 updates")
}
