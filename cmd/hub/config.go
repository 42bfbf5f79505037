package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ctiphub/configs"
)

// configCmd is "hub config".
type configCmd struct {
	Check  configCheckCmd  `cmd:"" help:"Check every configuration file, selectors and transforms included."`
	Schema configSchemaCmd `cmd:"" help:"Write the JSON Schemas of the configuration files, for editors."`
}

type configCheckCmd struct{}

// Run checks the whole configuration and points out what an operator still has to set.
func (configCheckCmd) Run(a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if _, err := a.normalizer(cfg); err != nil {
		return err
	}
	from := cfg.From
	if from == "" {
		from = "the built-in configuration"
	}
	enabled := 0
	for _, s := range cfg.Sources {
		if s.Enabled {
			enabled++
		}
	}
	hints := placeholders(cfg)
	if a.cli.JSON {
		return a.printJSON(map[string]any{"from": from, "sources": len(cfg.Sources), "enabled": enabled, "valid": true, "hints": hints})
	}
	fmt.Fprintf(a.stdout, "%s is valid: %d sources, %d of them enabled.\n", from, len(cfg.Sources), enabled)
	for _, h := range hints {
		fmt.Fprintf(a.stdout, "Hint: %s\n", h)
	}
	return nil
}

// placeholders lists settings that still have the value of an example.
func placeholders(cfg *configs.Config) []string {
	hints := []string{}
	for key, value := range map[string]string{
		"admin_email": cfg.Hub.AdminEmail, "repository_id": cfg.Hub.RepositoryID, "fetch.contact": cfg.Hub.Fetch.Contact,
	} {
		if strings.Contains(value, "hub.example") {
			hints = append(hints, fmt.Sprintf("%s is still the example %q; set your own before you harvest real sites", key, value))
		}
	}
	slices.Sort(hints)
	return hints
}

type configSchemaCmd struct {
	Dir string `arg:"" optional:"" help:"Folder to write to; names are printed. Standard output when absent."`
}

// Run writes the schemas.
func (c *configSchemaCmd) Run(a *app) error {
	schemas, err := configs.Schemas()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if c.Dir == "" {
			fmt.Fprintf(a.stdout, "%s", schemas[name])
			continue
		}
		file := filepath.Join(c.Dir, name)
		if err := os.WriteFile(file, schemas[name], 0o644); err != nil {
			return fmt.Errorf("writing the schema: %w", err)
		}
		fmt.Fprintln(a.stdout, file)
	}
	return nil
}
