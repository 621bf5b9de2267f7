package models

import (
	"fmt"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Random makes a model from a config.json alone, without a checkpoint: its values are drawn from HeadSeed as transformers
// initialises a model that is to be pretrained (weights normal with deviation 0.02, biases 0, norms 1). It serves
// tests, benchmarks and pretraining. Options and errors are those of Load.
func Random(config []byte, opts ...LoadOption) (*peft.Backbone, error) {
	o, err := gather(opts)
	if err != nil {
		return nil, err
	}
	m, err := build("config", config, &o)
	if err != nil {
		return nil, err
	}
	e, err := o.engine()
	if err != nil {
		return nil, err
	}
	values, tied := peft.Tensors{}, map[string]string{}
	list := m.net.Values()
	for _, v := range list {
		if v.Tied != "" {
			tied[v.Path] = v.Tied
			continue
		}
		t, err := draw(v, o.seed, o.dtype)
		if err != nil {
			return nil, err
		}
		if err := e.Place(t); err != nil {
			return nil, fmt.Errorf("%s: %w", v.Path, err)
		}
		values[v.Path] = t
	}
	return peft.NewBackbone(m.net, values, e, seam.Origin{
		Config: m.config, Tied: tied, Stored: storedNames(list), Buffers: buffers(list),
		Resized: resizer(m.config), Replicated: replicator(m.config),
	})
}
