package osf

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is OSF's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// EffectiveRank is how many of a weight's largest singular values stay frozen: a Count, or a Share of all. The zero value
	// means half of them.
	EffectiveRank Rank `json:"effective_rank" default:"null"`
	// RankPattern gives some modules another EffectiveRank. A pattern may match any part of a path.
	RankPattern seam.Pattern[Rank] `json:"rank_pattern" default:"null"`
	// Targets says on which linear maps OSF acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// TargetSVDConfig is read and written for HF PEFT, which does nothing with it either.
	TargetSVDConfig map[string]int `json:"target_svd_config" default:"null"`
	// InitWeights says that a fresh adapter changes nothing; false draws its values, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

// Rank is a number of singular values: a whole number, or a share of them. The zero value is null.
type Rank string

// Count is a rank of n.
func Count(n int) Rank { return Rank(strconv.Itoa(n)) }

// Share is a rank of this share, in (0, 1], of all singular values of a weight, rounded down.
func Share(f float64) Rank {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0" // which tells it from a count
	}
	return Rank(text)
}

// UnmarshalJSON reads a number or null.
func (r *Rank) UnmarshalJSON(raw []byte) error {
	var n *json.Number
	if err := json.Unmarshal(raw, &n); err != nil || len(raw) > 0 && raw[0] == '"' {
		return fmt.Errorf("want a number")
	}
	if *r = ""; n != nil {
		*r = Rank(*n)
	}
	return nil
}

// MarshalJSON writes the number as it was read.
func (r Rank) MarshalJSON() ([]byte, error) {
	if r == "" {
		return []byte("null"), nil
	}
	return []byte(r), nil
}

// of gives the rank among so many singular values.
func (r Rank) of(all int) int {
	if r == "" {
		return all / 2
	}
	v, _ := strconv.ParseFloat(string(r), 64)
	if strings.ContainsAny(string(r), ".eE") && v <= 1 {
		v *= float64(all)
	}
	return min(all, int(v))
}

func (r Rank) check(field string) error {
	v, err := strconv.ParseFloat(string(r), 64)
	if r != "" && (err != nil || !(v > 0) || v > 1 && v != float64(int(v))) {
		return seam.Fieldf(field, "must be a whole number of at least 1 or a share in (0, 1], is %s", string(r))
	}
	return nil
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets()})
}

// defaultTargets are HF PEFT's by model_type; where it has none it takes all linear maps.
func defaultTargets() map[string]seam.Targets {
	out := map[string]seam.Targets{}
	for name := range seam.UsualTargets() {
		out[name] = seam.AllLinear()
	}
	for _, name := range []string{"llama", "llama4", "mistral", "mixtral", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"} {
		out[name] = seam.Match("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj", "up_proj")
	}
	for name, targets := range map[string][]string{
		"gpt2": {"c_attn", "c_proj"}, "gpt_bigcode": {"c_attn", "c_proj"}, "falcon": {"query_key_value"},
		"bloom": {"query_key_value", "dense_4h_to_h"}, "gpt_neox": {"query_key_value", "dense_4h_to_h"},
		"opt": {"q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"}, "gptj": {"q_proj", "k_proj", "v_proj", "out_proj", "fc_in", "fc_out"},
	} {
		out[name] = seam.Match(targets...)
	}
	return out
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "OSF" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if err := m.c.EffectiveRank.check("effective_rank"); err != nil {
		return nil, err
	}
	for _, rule := range m.c.RankPattern {
		if err := rule.Value.check("rank_pattern"); err != nil {
			return nil, err
		}
		m.ranks = append(m.ranks, seam.Rule[Rank]{Match: ".*(?:" + rule.Match + ").*", Value: rule.Value})
	}
	return m, nil
}
