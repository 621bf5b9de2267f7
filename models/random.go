package models

import (
	"fmt"

	"github.com/gopeft/gopeft/peft"
)

// Random makes the backbone of a config.json with weights drawn from the seed, as transformers initialises a model
// that is to be pretrained: weights normal with deviation 0.02, biases 0, norms 1. It serves benchmarks, tests and
// pretraining.
func Random(config []byte, opts ...LoadOption) (*peft.Backbone, error) {
	o, dtype, err := gather(opts)
	if err != nil {
		return nil, err
	}
	net, _, raw, err := build("config", config, &o)
	if err != nil {
		return nil, err
	}
	return o.onEngine(func(e *peft.Engine) (*peft.Backbone, error) {
		values, tied := peft.Tensors{}, map[string]string{}
		for _, v := range net.Values() {
			if v.Tied != "" {
				tied[v.Path] = v.Tied
				continue
			}
			t, err := draw(v, o.seed, dtype)
			if err == nil {
				err = e.Place(t)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.Path, err)
			}
			values[v.Path] = t
		}
		return peft.NewBackbone(net, values, e, peft.Origin{
			Config: raw, Tied: tied, Stored: storedNames(net.Values()), Buffers: buffers(net.Values()),
			Resized: resizer(raw),
		})
	})
}
