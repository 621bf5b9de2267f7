package hooks_test

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/peft"
)

// addAdapterHub opens a bottleneck in AdapterHub's layout under its own name; saved modules train beside it.
func addAdapterHub(a *peft.Adapted, dir string, saved ...string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		return err
	}
	var file struct {
		Name   string
		Config struct {
			Reduction int `json:"reduction_factor"`
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	values, err := golden.ReadTensors(filepath.Join(dir, "adapter.safetensors"))
	if err != nil {
		return err
	}
	cfg := &hooks.Bottleneck{Name: file.Name, Reduction: file.Config.Reduction}
	cfg.ModulesToSave = saved
	if err := a.Attach(file.Name, cfg); err != nil {
		return err
	}
	ad, err := a.Adapter(file.Name)
	if err != nil {
		return err
	}
	return ad.Set(ad.Config(), values)
}
