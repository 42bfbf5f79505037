package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ctiphub/catalog"
	"ctiphub/configs"
	"ctiphub/exporter"
	"ctiphub/exporter/csv"
	"ctiphub/exporter/ctip"
	"ctiphub/exporter/datacite"
	"ctiphub/exporter/dcterms"
	"ctiphub/exporter/feed"
	"ctiphub/exporter/jsonld"
	"ctiphub/exporter/mods"
	"ctiphub/exporter/ndjson"
	"ctiphub/exporter/oaidc"
	"ctiphub/exporter/pack"
	"ctiphub/record"
)

// allFormats is the one list of what "hub export" writes.
func allFormats(v record.Vocabulary, feeds feed.Facts) []exporter.Format {
	l := label(v)
	return []exporter.Format{ndjson.New(), csv.New(), ctip.New(), oaidc.New(l), dcterms.New(l), mods.New(l), datacite.New(l), jsonld.New(feeds.Home, feeds.Author, l), feed.Atom(feeds), feed.RSS(feeds), feed.JSON(feeds)}
}

// allCrosswalks is the one list of what OAI-PMH disseminates; base is the public URL of
// the hub where it is known.
func allCrosswalks(v record.Vocabulary, base string) []exporter.Crosswalk {
	own := ctip.New()
	if base != "" {
		own = own.At(base)
	}
	l := label(v)
	return []exporter.Crosswalk{oaidc.New(l), own, dcterms.New(l), mods.New(l), datacite.New(l)}
}

// exportCmd is "hub export".
type exportCmd struct {
	Format   string   `arg:"" help:"ndjson, csv, ctip, oai_dc, oai_qdc, mods, oai_datacite, jsonld, atom, rss, jsonfeed, or pack: a ZIP file that is read without a network."`
	Output   string   `short:"o" help:"File to write; it appears complete or not at all. Standard output when absent." placeholder:"FILE"`
	Country  []string `help:"Only records about these countries (ISO codes)."`
	Theme    []string `help:"Only records with these themes."`
	Language []string `help:"Only records in these languages."`
	Source   []string `help:"Only records of these sources."`
	Query    string   `short:"q" help:"Only records that contain these words."`
}

// Run writes the published records in one format.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if c.Format == "pack" {
		return c.pack(ctx, a, cfg)
	}
	formats := allFormats(cfg.Vocabulary.Concepts(), feedFacts(cfg.Hub, cfg.Vocabulary.Concepts(), a.now(), c.key()))
	i := slices.IndexFunc(formats, func(f exporter.Format) bool { return f.Name() == c.Format })
	if i < 0 {
		var names []string
		for _, f := range formats {
			names = append(names, f.Name())
		}
		return usageError(fmt.Sprintf("there is no format %q; there are %s", c.Format, strings.Join(names, ", ")))
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	records := store.Records(ctx, c.query())
	return c.write(a, func(w io.Writer) error { return formats[i].Encode(ctx, w, records) })
}

// query is what was chosen.
func (c *exportCmd) query() catalog.Query {
	return catalog.Query{Text: c.Query, Filters: map[catalog.Facet][]string{
		catalog.FacetCountry: c.Country, catalog.FacetTheme: c.Theme,
		catalog.FacetLanguage: c.Language, catalog.FacetSource: c.Source,
	}}
}

// write writes to the file that was named, or to standard output.
func (c *exportCmd) write(a *app, write func(io.Writer) error) error {
	if c.Output == "" {
		w := bufio.NewWriterSize(a.stdout, 1<<16)
		if err := write(w); err != nil {
			return err
		}
		return w.Flush()
	}
	return writeWhole(c.Output, write)
}

// pack writes the offline pack. Its labels are in the language that was chosen, if it is one.
func (c *exportCmd) pack(ctx context.Context, a *app, cfg *configs.Config) error {
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	v := cfg.Vocabulary.Concepts()
	f := pack.Facts{Hub: cfg.Hub.Name, Home: cfg.Hub.BaseURL, Vocabulary: v, Made: a.now()}
	if len(c.Language) == 1 {
		f.Language = c.Language[0]
	}
	var choice []string
	for _, part := range []struct {
		scheme string
		ids    []string
	}{{"country", c.Country}, {"theme", c.Theme}, {"language", c.Language}, {"source", c.Source}} {
		for _, id := range part.ids {
			choice = append(choice, v.Label(part.scheme, id, "en"))
		}
	}
	f.Choice = strings.Join(choice, ", ")
	records := store.Records(ctx, c.query())
	return c.write(a, func(w io.Writer) error { return pack.Write(ctx, w, f, records) })
}

// writeWhole writes a file beside its place and moves it there when it is complete and
// on disk, so that nobody ever reads half of it.
func writeWhole(file string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("making %s: %w", file, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", file, err)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
