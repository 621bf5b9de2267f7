package road

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is RoAd's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// Variant says what the numbers of a pair share. "" means OnePair.
	Variant Variant `json:"variant" default:"\"road_1\""`
	// GroupSize is the number of outputs within which the first half is paired with the second. It must be even and divide
	// the outputs of every target. 0 means 64.
	GroupSize int `json:"group_size" default:"64"`
	// Targets says on which linear maps it acts; see peft.Match. The zero value means HF PEFT's choice for the kind of model,
	// mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Init says that a fresh adapter changes nothing. false draws angles and lengths from normal distributions, for
	// debugging. nil means true.
	Init *bool `json:"init_weights" default:"true"`
}

// Variant is one of the three forms of RoAd.
type Variant string

// The variants, by how many angles and lengths each pair of outputs has.
const (
	OnePair  Variant = "road_1" // one of each
	TwoPair  Variant = "road_2" // two of each, one for each output
	FourPair Variant = "road_4" // four of each, one for each number of the pair's matrix
)

// sizes are the numbers of angles by variant, each for two outputs.
var sizes = map[Variant]int{OnePair: 1, TwoPair: 2, FourPair: 4}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "ROAD" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	if _, ok := sizes[c.Variant]; !ok {
		var known []string
		for v := range sizes {
			known = append(known, string(v))
		}
		slices.Sort(known)
		return seam.Fieldf("variant", "%q is none of %s", c.Variant, strings.Join(known, ", "))
	}
	if c.GroupSize < 1 || c.GroupSize%2 != 0 {
		return seam.Fieldf("group_size", "must be an even number of at least 2, is %d", c.GroupSize)
	}
	return nil
}
