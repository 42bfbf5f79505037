package main

import (
	"context"
	"strings"

	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/exporter/oaipmh"
	"ctiphub/harvester"
	"ctiphub/record"
)

// schemeOf maps the first part of a set spec to the scheme its values come from.
var schemeOf = map[string]string{"country": "country", "theme": "theme", "type": "type", "language": "language"}

// setNotes say what the sets of the first level are.
var setNotes = map[string]string{
	"country":  "Resources by the country that they are about; not by the seat of the publisher.",
	"theme":    "Resources by theme of victim protection, in the hierarchy of the vocabulary.",
	"type":     "Resources by kind.",
	"language": "Resources by the language that they are written in.",
	"source":   "Resources by the site or repository that they were harvested from.",
}

// describeSet says what a set is, in all languages that the vocabulary knows.
func (s *site) describeSet(v record.Vocabulary) func(spec string) oaipmh.Set {
	sources := map[string]string{}
	for _, src := range s.cfg.Sources {
		sources[src.ID] = src.Name
	}
	return func(spec string) oaipmh.Set {
		kind, rest, found := strings.Cut(spec, ":")
		title := strings.ToUpper(kind[:1]) + kind[1:]
		if !found {
			return oaipmh.Set{Name: title, Description: english(setNotes[kind])}
		}
		last := rest[strings.LastIndexByte(rest, ':')+1:]
		if kind == "source" {
			name := sources[last]
			if name == "" {
				name = last
			}
			return oaipmh.Set{Name: title + ": " + name}
		}
		c, _ := v.Concept(schemeOf[kind], last)
		return oaipmh.Set{Name: title + ": " + v.Label(schemeOf[kind], last, "en"), Titles: c.Label, Description: english(c.Note)}
	}
}

func english(text string) record.Texts {
	if text == "" {
		return nil
	}
	return record.Texts{"en": text}
}

// branding lets services that show the hub's records show where they come from. It needs a
// public address.
func (s *site) branding() oaipmh.Branding {
	if s.cfg.Hub.BaseURL == "" {
		return oaipmh.Branding{}
	}
	return oaipmh.Branding{Icon: s.cfg.Hub.BaseURL + "/favicon.svg", Link: s.cfg.Hub.BaseURL + "/", Title: s.cfg.Hub.Name}
}

// friends are the OAI-PMH repositories that the hub harvests.
func (s *site) friends() []string {
	var list []string
	for _, src := range s.cfg.Sources {
		if src.Enabled && src.Kind == harvester.KindOAIPMH {
			list = append(list, src.URL)
		}
	}
	return list
}

// relabel lets those who harvest hear of concepts that the vocabulary calls otherwise now.
func (a *app) relabel(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) error {
	labels := map[string]string{}
	for _, scheme := range cfg.Vocabulary.Concepts().Schemes {
		for _, c := range scheme.Concepts {
			labels[scheme.ID+"/"+c.ID] = c.Label["en"] // what exports write out
		}
	}
	moved, err := store.Relabel(ctx, a.now(), labels)
	if moved > 0 {
		a.log.Info("records have changed because concepts are called otherwise", "records", moved)
	}
	return err
}
