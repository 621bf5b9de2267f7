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
	Warmup     optim.Warmup
	Total      int
	Cycles     int
	End, Power float64
	T0         int
	TMult      int     `json:"t_mult"`
	TMax       int     `json:"t_max"`
	EtaMin     float64 `json:"eta_min"`
	StepSize   int     `json:"step_size"`
	Gamma      float64
	Milestones []int
	MaxLR      float64 `json:"max_lr"` // 1
	PctStart   float64 `json:"pct_start"`
	Div        float64 `json:"div_factor"`
	FinalDiv   float64 `json:"final_div_factor"`
}

// schedules makes a schedule for each name in the fixture; a new one joins with its row.
var schedules = map[string]func(course) optim.Schedule{
	"constant": func(c course) optim.Schedule { return optim.Constant{Warmup: c.Warmup} },
	"linear":   func(c course) optim.Schedule { return optim.Linear{Warmup: c.Warmup} },
	"cosine":   func(c course) optim.Schedule { return optim.Cosine{Warmup: c.Warmup} },
	"cosine_restarts": func(c course) optim.Schedule {
		return optim.CosineRestarts{Warmup: c.Warmup, Cycles: c.Cycles}
	},
	"polynomial": func(c course) optim.Schedule {
		return optim.Polynomial{Warmup: c.Warmup, Power: c.Power, End: c.End}
	},
	"inverse_sqrt": func(c course) optim.Schedule { return optim.InverseSqrt{Warmup: c.Warmup} },
	"sgdr": func(c course) optim.Schedule {
		return optim.WarmRestarts{First: c.T0, Grow: c.TMult, Floor: c.EtaMin}
	},
	"cosine_annealing": func(c course) optim.Schedule {
		return optim.CosineAnnealing{Period: c.TMax, Floor: c.EtaMin}
	},
	"step":        func(c course) optim.Schedule { return optim.Steps{Size: c.StepSize, Gamma: c.Gamma} },
	"multistep":   func(c course) optim.Schedule { return optim.Milestones{At: c.Milestones, Gamma: c.Gamma} },
	"exponential": func(c course) optim.Schedule { return optim.Exponential{Gamma: c.Gamma} },
	"one_cycle": func(c course) optim.Schedule {
		return optim.OneCycle{Rise: c.PctStart, Div: c.Div, FinalDiv: c.FinalDiv}
	},
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
	require.Len(t, cases, 12)
	for _, c := range cases {
		construct, known := schedules[c.Name]
		require.True(t, known, "no schedule for the row %q", c.Name)
		s, total := construct(c.Args), max(c.Args.Total, 1)
		require.NoError(t, s.Validate(total))
		require.Len(t, c.LR, 40)
		for i, want := range c.LR {
			require.InDelta(t, want, s.Factor(i, total), 1e-9, "%s at %d", c.Name, i)
		}
	}
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
	require.Equal(t, optim.OneCycle{}.Factor(9, 10), optim.OneCycle{}.Factor(1000, 10))
	require.Equal(t, 0.25, optim.Polynomial{End: 0.25}.Factor(1000, 10))
	require.Zero(t, optim.CosineRestarts{Cycles: 3}.Factor(1000, 10))
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
	for name, s := range map[string]optim.Schedule{
		"Cycles":    optim.CosineRestarts{Cycles: -1},
		"Power":     optim.Polynomial{Power: math.NaN()},
		"End":       optim.Polynomial{End: 1},
		"Timescale": optim.InverseSqrt{Timescale: -1},
		"First":     optim.WarmRestarts{First: -1},
		"Grow":      optim.WarmRestarts{Grow: -1},
		"Floor":     optim.CosineAnnealing{Floor: -0.1},
		"Period":    optim.CosineAnnealing{Period: -1},
		"Size":      optim.Steps{},
		"At":        optim.Milestones{At: []int{3, -1}},
		"Gamma":     optim.Exponential{},
		"Rise":      optim.OneCycle{Rise: 1},
		"Div":       optim.OneCycle{Div: 0.5},
		"FinalDiv":  optim.OneCycle{FinalDiv: math.Inf(1)},
	} {
		var field *optim.FieldError
		require.ErrorAs(t, s.Validate(10), &field)
		require.Equal(t, name, field.Field)
	}
	for _, s := range []optim.Schedule{
		optim.Linear{}, optim.Cosine{}, optim.Constant{}, optim.CosineRestarts{}, optim.Polynomial{}, optim.InverseSqrt{},
		optim.WarmRestarts{}, optim.CosineAnnealing{}, optim.Steps{Size: 1}, optim.Milestones{},
		optim.Exponential{Gamma: 1}, optim.OneCycle{},
	} {
		for _, total := range []int{1, 2, 10} { // short runs, where a length is easily divided by
			for i := range total + 2 {
				factor := s.Factor(i, total)
				require.True(t, factor >= 0 && factor <= 1, "%T: %v at %d of %d", s, factor, i, total)
			}
		}
		require.ErrorIs(t, s.Validate(0), optim.ErrConfig)
		s.Factor(1, 0) // must not panic
		require.NoError(t, s.Validate(1))
	}
	require.EqualError(t, optim.Linear{Warmup: 50}.Validate(40), "optim: Linear.Warmup is 50; want at most the run's 40 steps")
}
