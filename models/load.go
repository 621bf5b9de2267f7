package models

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Load opens a pretrained model in a folder as transformers' save_pretrained writes it, for adapters to be attached to.
// Its values are frozen. Where there is no folder of that name, it is looked for as a model's name, as "org/name", in the
// cache of huggingface_hub (HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface/hub). Nothing is downloaded.
//
// The head is the one that the config's "architectures" names, or that Head asks for. What the files lack of a head is
// drawn at random from HeadSeed, as transformers does, and listed in the backbone's Origin().Drawn: such a head has to be
// trained. Anything else that is missing is an error.
//
// Errors match ErrFolder, ErrFamily, ErrWeights, ErrOption, arch.ErrConfig, or those of peft.OpenEngine.
func Load(dir string, opts ...LoadOption) (*peft.Backbone, error) {
	o, err := gather(opts)
	if err != nil {
		return nil, err
	}
	return load(dir, &o)
}

func load(dir string, o *options) (*peft.Backbone, error) {
	dir, err := o.find(dir)
	if err != nil {
		return nil, err
	}
	m, err := open(dir, o)
	if err != nil {
		return nil, err
	}
	file, err := safetensors.OpenCheckpoint(dir, "model")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w; save_pretrained in transformers writes them", ErrFolder, err)
	}
	if err != nil {
		return nil, &also{err, ErrWeights} // damaged
	}
	defer file.Close()
	e, err := o.engine()
	if err != nil {
		return nil, err
	}
	r := &reader{
		dir: dir, file: file, prefix: m.family.Prefix, dtype: o.dtype, seed: o.seed,
		otherWidth: o.hasLabels, anew: m.anew, engine: e,
	}
	values := m.net.Values()
	if err := r.read(values); err != nil {
		return nil, err
	}
	return peft.NewBackbone(m.net, r.values, e, seam.Origin{
		Dir: dir, Config: m.config, Tied: r.tied, Stored: r.stored, Drawn: r.drawn, Buffers: buffers(values),
		Resized: resizer(m.config), Replicated: replicator(m.config),
	})
}
