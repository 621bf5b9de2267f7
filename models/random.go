package models

import (
	"fmt"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Random makes the backbone of a config.json with weights drawn from the seed, as transformers initialises a model
// that is to be pretrained: weights normal with deviation 0.02, biases 0, norms 1. It serves benchmarks, tests and
// pretraining.
func Random(config []byte, opts ...Option) (*peft.Backbone, error) {
	o, dtype, err := gather(opts)
	if err != nil {
		return nil, err
	}
	net, _, raw, err := build("config", config, &o)
	if err != nil {
		return nil, err
	}
	values, tied := peft.Tensors{}, map[string]string{}
	for _, v := range net.Values() {
		if v.Tied != "" {
			tied[v.Path] = v.Tied
			continue
		}
		if values[v.Path], err = draw(v, o.seed, dtype); err != nil {
			return nil, fmt.Errorf("%s: %w", v.Path, err)
		}
	}
	return finish(net, values, &o, peft.Origin{Config: raw, Tied: tied})
}

// finish opens the engine where none is given and joins everything.
func finish(net arch.Network, values peft.Tensors, o *options, from peft.Origin) (*peft.Backbone, error) {
	if o.engine == nil {
		var err error
		if o.engine, err = peft.OpenEngine(o.backend); err != nil {
			return nil, err
		}
	}
	return peft.NewBackbone(net, values, o.engine, from)
}
