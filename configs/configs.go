// Package configs composes the hub's configuration from YAML files: the hub itself, its
// sources, one file each, and the vocabulary.
//
// In flow files, from a folder or built in; out flow the structs that the packages
// declare, or errors that name file, line and column and what to do. It stores nothing.
// Which settings exist is not its business: the package that uses a setting declares it.
package configs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/exporter/dump"
	"ctiphub/harvester"
	"ctiphub/internal/gate"
	"ctiphub/normalizer"
)

//go:embed hub.yaml sources/*.yaml vocab/*.yaml cases/*.txtar
var builtin embed.FS

// Config is everything one hub is told.
type Config struct {
	Hub        Hub
	Sources    []Source
	Vocabulary *normalizer.Vocabulary
	// From is the file that Hub was read from; "" for the built-in one.
	From string
}

// Hub is the file hub.yaml.
type Hub struct {
	Name         string `yaml:"name,omitempty" jsonschema:"description=Name of this hub as readers see it"`
	BaseURL      string `yaml:"base_url,omitempty" jsonschema:"description=Public URL of the hub; taken from each request when empty"`
	RepositoryID string `yaml:"repository_id,omitempty" jsonschema:"description=Name space of OAI identifiers: a domain that you own"`
	AdminEmail   string `yaml:"admin_email,omitempty" jsonschema:"description=Role mailbox shown by OAI-PMH Identify"`
	// MetadataLicense is never made up: none is stated when it is empty.
	MetadataLicense string           `yaml:"metadata_license,omitempty" jsonschema:"description=URI of the licence under which anybody may use the descriptions; none is stated when empty"`
	Listen          string           `yaml:"listen,omitempty" jsonschema:"description=Address and port to serve on"`
	MetricsListen   string           `yaml:"metrics_listen,omitempty" jsonschema:"description=Own address for /metrics; the main one when empty"`
	Data            string           `yaml:"data,omitempty" jsonschema:"description=Folder of the catalogue"`
	Fetch           Fetch            `yaml:"fetch,omitempty" jsonschema:"description=How the hub shows itself to the sites it visits"`
	Harvest         Harvest          `yaml:"harvest,omitempty" jsonschema:"description=How much is harvested at a time"`
	Limits          gate.Limits      `yaml:"limits,omitempty" jsonschema:"description=How much programs may ask for"`
	Usage           analytics.Config `yaml:"usage,omitempty" jsonschema:"description=What is counted of the hub's use, and where it is kept"`
	Dumps           dump.Config      `yaml:"dumps,omitempty" jsonschema:"description=Dumps of everything for other portals"`
	Sources         string           `yaml:"sources,omitempty" jsonschema:"description=Folder of source files; relative to this file"`
	Vocab           string           `yaml:"vocab,omitempty" jsonschema:"description=Folder of vocabulary files; relative to this file"`
}

// Fetch is how the hub shows itself to the sites it visits.
type Fetch struct {
	Contact      string   `yaml:"contact,omitempty" jsonschema:"description=Page or mailbox for site owners; part of the user agent"`
	AllowPrivate []string `yaml:"allow_private,omitempty" jsonschema:"description=Private networks that sources may live in as CIDR prefixes"`
}

// Harvest is how much is harvested at a time.
type Harvest struct {
	Parallel int `yaml:"parallel,omitempty" jsonschema:"minimum=1,description=Sources harvested side by side (8 when absent)"`
}

// Source is one file of the sources folder: where records come from, how they are read,
// and what a run may take away.
type Source struct {
	harvester.Source `yaml:",inline"`
	normalizer.Rules `yaml:",inline"`
	Guards           catalog.Guard `yaml:"guards,omitempty" jsonschema:"description=What one run may take away before a curator looks"`
}

// Load reads the configuration. An empty file, or the default one where it does not
// exist, means the configuration built into the program.
func Load(file string) (*Config, error) {
	if file != "" {
		if _, err := os.Stat(file); err == nil {
			dir, base := filepath.Split(file)
			if dir == "" {
				dir = "."
			}
			return load(os.DirFS(dir), base, dir)
		} else if !errors.Is(err, fs.ErrNotExist) || file != DefaultFile {
			return nil, fmt.Errorf("reading the configuration: %w", err)
		}
	}
	return load(builtin, "hub.yaml", "")
}

// DefaultFile is where a configuration is looked for.
const DefaultFile = "configs/hub.yaml"

// load reads hub.yaml and the folders it names. dir is what fsys stands for in error
// messages and is empty for the built-in files.
func load(fsys fs.FS, name, dir string) (*Config, error) {
	c := &Config{}
	if dir != "" {
		c.From = filepath.Join(dir, name)
	}
	builtinHub := Hub{}
	if err := decodeFile(builtin, "hub.yaml", "built-in hub.yaml", &builtinHub); err != nil {
		return nil, err
	}
	c.Hub = builtinHub
	if dir != "" {
		if err := decodeFile(fsys, name, c.From, &c.Hub); err != nil {
			return nil, err
		}
	}
	var errs []error
	if err := c.Hub.Validate(); err != nil {
		errs = append(errs, locate(fsys, name, shown(dir, name), err))
	}
	sources, err := loadSources(fsys, c.Hub.Sources, dir)
	errs = append(errs, err)
	c.Sources = sources
	c.Vocabulary, err = loadVocabulary(fsys, c.Hub.Vocab, dir)
	errs = append(errs, err)
	return c, errors.Join(errs...)
}

// CaseFile is one case by which rules and vocabulary are tested.
type CaseFile struct {
	Name  string // without its ending
	Where string // as people know it
	Path  string // "" when built in
	Data  []byte
}

// Cases returns the cases that come with the hub, and those in the folder "cases" beside
// the configuration file.
func (c *Config) Cases() ([]CaseFile, error) {
	list, err := cases(builtin, "")
	if err != nil || c.From == "" {
		return list, err
	}
	dir := filepath.Dir(c.From)
	own, err := cases(os.DirFS(dir), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	// A case of the operator's stands in for the built-in one of its name.
	list = slices.DeleteFunc(list, func(b CaseFile) bool {
		return slices.ContainsFunc(own, func(o CaseFile) bool { return o.Name == b.Name })
	})
	return append(list, own...), err
}

func cases(fsys fs.FS, dir string) ([]CaseFile, error) {
	entries, err := fs.ReadDir(fsys, "cases")
	if err != nil {
		return nil, fmt.Errorf("reading the cases: %w", err)
	}
	var list []CaseFile
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".txtar")
		if !ok || e.IsDir() {
			continue
		}
		file := path.Join("cases", e.Name())
		f := CaseFile{Name: name, Where: shown(dir, file)}
		if dir != "" {
			f.Path = filepath.Join(dir, file)
		}
		if f.Data, err = fs.ReadFile(fsys, file); err != nil {
			return nil, fmt.Errorf("reading the case %s: %w", f.Where, err)
		}
		list = append(list, f)
	}
	return list, nil
}

// loadSources reads every source file of a folder and reports all that is wrong at once.
func loadSources(fsys fs.FS, folder, dir string) ([]Source, error) {
	names, err := yamlFiles(fsys, folder, dir)
	if err != nil {
		return nil, err
	}
	var sources []Source
	var errs []error
	seen := map[string]string{}
	for _, name := range names {
		where := shown(dir, name)
		var s Source
		if err := decodeFile(fsys, name, where, &s); err != nil {
			errs = append(errs, err)
			continue
		}
		switch err := s.Source.Validate(); {
		case err != nil:
			errs = append(errs, locate(fsys, name, where, err))
		case seen[s.ID] != "":
			errs = append(errs, locate(fsys, name, where, fmt.Errorf("id %q: is taken by %s", s.ID, seen[s.ID])))
		case s.ID+".yaml" != path.Base(name):
			errs = append(errs, locate(fsys, name, where, fmt.Errorf("id %q: the file of this source must be called %s.yaml", s.ID, s.ID)))
		default:
			seen[s.ID] = where
			sources = append(sources, s)
		}
	}
	return sources, errors.Join(errs...)
}

// loadVocabulary merges the files of the vocabulary folder; the built-in vocabulary
// stands in when the folder does not exist.
func loadVocabulary(fsys fs.FS, folder, dir string) (*normalizer.Vocabulary, error) {
	if _, err := fs.Stat(fsys, folder); errors.Is(err, fs.ErrNotExist) && dir != "" {
		fsys, folder, dir = builtin, "vocab", ""
	}
	names, err := yamlFiles(fsys, folder, dir)
	if err != nil {
		return nil, err
	}
	v := &normalizer.Vocabulary{}
	var errs []error
	for _, name := range names {
		errs = append(errs, decodeFile(fsys, name, shown(dir, name), v))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := v.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", shown(dir, folder), err)
	}
	return v, nil
}

// yamlFiles lists the YAML files of a folder in order.
func yamlFiles(fsys fs.FS, folder, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, fmt.Errorf("reading the folder %s that the configuration names: %w", shown(dir, folder), err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".yaml") {
			names = append(names, path.Join(folder, e.Name()))
		}
	}
	return names, nil
}

// shown is how a file is named to people.
func shown(dir, name string) string {
	if dir == "" {
		return "built-in " + name
	}
	return filepath.Join(dir, name)
}

// Validate reports the first setting that cannot work.
func (h Hub) Validate() error {
	if h.BaseURL != "" {
		if u, err := url.Parse(h.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("base_url %q: must be an absolute http or https URL", h.BaseURL)
		}
	}
	if !strings.Contains(h.RepositoryID, ".") || strings.ContainsAny(h.RepositoryID, ":/ ") {
		return fmt.Errorf("repository_id %q: must be a domain name such as hub.example", h.RepositoryID)
	}
	if !strings.Contains(h.AdminEmail, "@") {
		return fmt.Errorf("admin_email %q: must be a mailbox", h.AdminEmail)
	}
	if h.Harvest.Parallel < 1 {
		return fmt.Errorf("harvest.parallel %d: must be at least 1", h.Harvest.Parallel)
	}
	if _, err := h.Fetch.Prefixes(); err != nil {
		return err
	}
	if err := h.Limits.Validate(); err != nil {
		return err
	}
	if err := h.Usage.Validate(); err != nil {
		return err
	}
	return h.Dumps.Validate()
}

// Prefixes returns the private networks that may be visited.
func (f Fetch) Prefixes() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, s := range f.AllowPrivate {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("fetch.allow_private %q: must be a CIDR prefix such as 10.1.0.0/16", s)
		}
		list = append(list, p)
	}
	return list, nil
}
