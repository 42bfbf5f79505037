package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"ctiphub/configs"
)

// keepConfig writes the configuration of the demo beside its data, so that every command
// works on it ("--config data/demo/configs/hub.yaml"), and reads it again: a vocabulary
// that somebody put there counts.
func keepConfig(cfg *configs.Config) error {
	data, err := filepath.Abs(cfg.Hub.Data)
	if err != nil {
		return fmt.Errorf("keeping the demo's configuration: %w", err)
	}
	hub := cfg.Hub
	hub.Data = data
	dir := filepath.Join(data, "configs")
	folder := filepath.Join(dir, hub.Sources)
	// Those of an earlier demo may have had other sites.
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("keeping the demo's configuration: %w", err)
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("keeping the demo's configuration: %w", err)
	}
	files := map[string]any{filepath.Join(dir, "hub.yaml"): hub}
	for _, s := range cfg.Sources {
		files[filepath.Join(folder, s.ID+".yaml")] = s
	}
	for file, v := range files {
		b, err := yaml.Marshal(v)
		if err == nil {
			err = os.WriteFile(file, b, 0o600)
		}
		if err != nil {
			return fmt.Errorf("keeping the demo's configuration: %w", err)
		}
	}
	again, err := configs.Load(filepath.Join(dir, "hub.yaml"))
	if err != nil {
		return err
	}
	cfg.From, cfg.Vocabulary, cfg.Sources = again.From, again.Vocabulary, again.Sources
	return nil
}
