package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/record"
)

// takedownCmd is "hub takedown".
type takedownCmd struct {
	What   string `arg:"" help:"Id of a record or its address in the portal; or an address at a publisher's, for every record that sends readers there."`
	Reason string `required:"" help:"Why; kept for the audit and shown to nobody else." placeholder:"TEXT"`
	DryRun bool   `help:"Say what it would do, and do nothing."`
}

// Run erases what is taken down and says where it is gone from.
func (c *takedownCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	t := takedownOf(cfg, c.What)
	t.Reason, t.Who, t.When = c.Reason, operator(), a.now()
	done, err := store.TakeDown(ctx, t, c.DryRun)
	if err != nil {
		return a.noRecord(err, t.Record)
	}
	takers, err := takersOf(ctx, store, done.Records)
	if err != nil {
		return err
	}
	var gone []string
	if !c.DryRun {
		if gone, err = a.dumps(cfg, store).Withdraw(done.Records, a.now()); err != nil {
			return err
		}
	}
	return a.printRemoval(done, takers, gone, c.DryRun)
}

// takersOf returns who took any of the records, each once, and has to be told.
func takersOf(ctx context.Context, store *sqlstore.Store, ids []record.ID) (list []catalog.Taker, err error) {
	seen := map[string]bool{}
	for _, id := range ids {
		takers, err := store.Takers(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, t := range takers {
			if !seen[t.Consumer.ID] {
				seen[t.Consumer.ID] = true
				list = append(list, t)
			}
		}
	}
	return list, nil
}

// takerDoc is a consumer that has to be told, as programs read it.
type takerDoc struct {
	Consumer string `json:"consumer"`
	Contact  string `json:"contact"`
	Last     string `json:"last"`
}

// takedownOf tells an id and an address in the portal from an address elsewhere.
func takedownOf(cfg *configs.Config, what string) catalog.Takedown {
	u, err := url.Parse(what)
	elsewhere := err == nil && u.Host != "" && !strings.HasPrefix(u.Path, "/resources/") && (cfg.Hub.BaseURL == "" || !strings.HasPrefix(what, cfg.Hub.BaseURL+"/"))
	if id := recordID(what); !elsewhere || id.Valid() && strings.HasPrefix(u.Path, "/resources/") {
		return catalog.Takedown{Record: id}
	}
	return catalog.Takedown{URL: what}
}

func (a *app) printRemoval(r catalog.Removal, takers []catalog.Taker, dumps []string, dry bool) error {
	if a.cli.JSON {
		docs := make([]takerDoc, len(takers))
		for i, t := range takers {
			docs[i] = takerDoc{t.Consumer.ID, t.Consumer.Contact, t.Last.Format(time.DateOnly)}
		}
		return a.printJSON(map[string]any{"records": r.Records, "withdrawn": r.Withdrawn, "takers": docs, "dumps": dumps, "dryRun": dry})
	}
	verb := "Taken down"
	if dry {
		verb = "Would take down"
	}
	fmt.Fprintf(a.stdout, "%s: %s, %d of them public.\n", verb, plural(len(r.Records), "record", "records"), r.Withdrawn)
	for _, id := range r.Records {
		fmt.Fprintf(a.stdout, "  %s\n", id)
	}
	if !dry {
		fmt.Fprintln(a.stdout, "Search, pages, API, OAI-PMH and feeds show it as withdrawn from now on; what was stored of it is erased, and no harvest brings it back.")
	}
	if len(dumps) > 0 {
		fmt.Fprintf(a.stdout, "%s that had it: deleted. A hub that serves makes a new one at once.\n", plural(len(dumps), "dump", "dumps"))
	}
	for _, t := range takers {
		fmt.Fprintf(a.stdout, "%s may have it, last asked on %s: tell %s.\n", t.Consumer.Name, t.Last.Format(time.DateOnly), t.Consumer.Contact)
	}
	return nil
}

// restoreRecordCmd is "hub restore-record".
type restoreRecordCmd struct {
	What string `arg:"" help:"What was taken down, as it was given then."`
}

// Run ends a takedown.
func (c *restoreRecordCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	t := takedownOf(cfg, c.What)
	t.When = a.now()
	ended, err := store.Reinstate(ctx, t)
	if errors.Is(err, catalog.ErrNoTakedown) {
		return usageError(fmt.Sprintf("nothing of %q is taken down; \"hub takedowns\" lists what is", c.What))
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"ended": len(ended)})
	}
	fmt.Fprintln(a.stdout, "The takedown is over. The hub has nothing left of it: the next harvest that lists it brings it back (\"hub harvest --full SOURCE\" does it now).")
	return nil
}

// takedownsCmd is "hub takedowns".
type takedownsCmd struct{}

// Run lists all takedowns: the audit of what was made to disappear, and by whom.
func (takedownsCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	return a.listTakedowns(ctx, store)
}

// takedownDoc is one takedown as programs read it.
type takedownDoc struct {
	ID     int64     `json:"id"`
	Record record.ID `json:"record,omitempty"`
	URL    string    `json:"url,omitempty"`
	Reason string    `json:"reason"`
	Who    string    `json:"who"`
	When   time.Time `json:"when"`
	Ended  time.Time `json:"ended,omitzero"`
}

func (a *app) listTakedowns(ctx context.Context, store *sqlstore.Store) error {
	list, err := store.Takedowns(ctx)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		docs := make([]takedownDoc, len(list))
		for i, t := range list {
			docs[i] = takedownDoc(t)
		}
		return a.printJSON(docs)
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "Nothing was ever taken down.")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN\tWHAT\tBY\tREASON\tOVER")
	for _, t := range list {
		over := "-"
		if !t.Ended.IsZero() {
			over = t.Ended.Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\t%s\n", t.When.Format("2006-01-02 15:04"), t.Record, t.URL, t.Who, t.Reason, over)
	}
	return w.Flush()
}
