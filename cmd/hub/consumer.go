package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/internal/gate"
)

// consumerCmd is "hub consumer".
type consumerCmd struct {
	Add     consumerAddCmd     `cmd:"" help:"Give a portal a key, so that what it takes is counted and it hears of takedowns. Nobody needs one."`
	List    consumerListCmd    `cmd:"" help:"List consumers and how much they took."`
	Renew   consumerRenewCmd   `cmd:"" help:"Give a consumer a new key; the old one stops to work."`
	Disable consumerDisableCmd `cmd:"" help:"Let a key no longer work."`
	Enable  consumerEnableCmd  `cmd:"" help:"Let it work again."`
}

// newKey makes a key and the hash under which it is kept.
func newKey() (key, hash string) {
	key = "hub_" + rand.Text()
	return key, gate.HashOf(key)
}

var consumerID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// consumerAddCmd is "hub consumer add".
type consumerAddCmd struct {
	ID        string `arg:"" help:"Short name: small letters, digits and hyphens."`
	Name      string `required:"" help:"Name of the organisation."`
	Contact   string `required:"" help:"Role mailbox or page, to tell of takedowns."`
	PerMinute int    `help:"Requests a minute (the default of consumers when absent)."`
}

// Run adds a consumer and shows its key, this once.
func (c *consumerAddCmd) Run(ctx context.Context, a *app) error {
	if !consumerID.MatchString(c.ID) || c.PerMinute < 0 {
		return usageError(fmt.Sprintf("%q is not a short name of small letters, digits and hyphens, or the number of requests is below 0", c.ID))
	}
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	if _, err := findConsumer(ctx, a, store, c.ID); err == nil {
		return usageError(fmt.Sprintf("there is a consumer %q already; \"hub consumer renew\" gives it a new key", c.ID))
	}
	key, hash := newKey()
	if err := store.PutConsumer(ctx, catalog.Consumer{ID: c.ID, Name: c.Name, Contact: c.Contact, PerMinute: c.PerMinute, Made: a.now()}, hash); err != nil {
		return err
	}
	return a.printKey(c.ID, key)
}

func (a *app) printKey(id, key string) error {
	if a.cli.JSON {
		return a.printJSON(map[string]string{"id": id, "key": key})
	}
	fmt.Fprintf(a.stdout, "The key of %s, which is shown only now:\n\n  %s\n\nIt goes into the header \"Authorization: Bearer KEY\", or into HTTP Basic as the password.\n", id, key)
	return nil
}

func findConsumer(ctx context.Context, a *app, store *sqlstore.Store, id string) (catalog.Consumer, error) {
	list, err := store.Consumers(ctx, a.now())
	if err != nil {
		return catalog.Consumer{}, err
	}
	i := slices.IndexFunc(list, func(c catalog.Consumer) bool { return c.ID == id })
	if i < 0 {
		return catalog.Consumer{}, usageError(fmt.Sprintf("there is no consumer %q; \"hub consumer list\" shows those there are", id))
	}
	return list[i], nil
}

// consumerListCmd is "hub consumer list".
type consumerListCmd struct{}

// consumerDoc is one consumer as programs read it.
type consumerDoc struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Contact   string    `json:"contact"`
	PerMinute int       `json:"perMinute,omitempty"`
	Made      time.Time `json:"made"`
	Disabled  bool      `json:"disabled,omitempty"`
	Records   int       `json:"records"`
	Month     int       `json:"recordsOf30Days"`
	LastSeen  time.Time `json:"lastSeen,omitzero"`
}

// Run lists consumers.
func (consumerListCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	list, err := store.Consumers(ctx, a.now())
	if err != nil {
		return err
	}
	if a.cli.JSON {
		docs := make([]consumerDoc, len(list))
		for i, c := range list {
			docs[i] = consumerDoc(c)
		}
		return a.printJSON(docs)
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "No consumer has a key. Nobody needs one; \"hub consumer add\" gives one to a portal whose use is to be counted.")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tCONTACT\tRECORDS\tLAST 30 DAYS\tLAST SEEN\tSTATE")
	for _, c := range list {
		seen, state := "never", "enabled"
		if !c.LastSeen.IsZero() {
			seen = c.LastSeen.Format(time.DateOnly)
		}
		if c.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\t%s\n", c.ID, c.Name, c.Contact, c.Records, c.Month, seen, state)
	}
	return w.Flush()
}

// consumerOf names one consumer.
type consumerOf struct {
	ID string `arg:"" help:"Short name of the consumer."`
}

// change changes one consumer; with a new key when hash is not "".
func (c consumerOf) change(ctx context.Context, a *app, hash string, do func(*catalog.Consumer)) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	found, err := findConsumer(ctx, a, store, c.ID)
	if err != nil {
		return err
	}
	do(&found)
	err = store.PutConsumer(ctx, found, hash)
	if errors.Is(err, catalog.ErrNoConsumer) {
		return usageError(err.Error())
	}
	return err
}

// consumerRenewCmd is "hub consumer renew".
type consumerRenewCmd struct {
	consumerOf `embed:""`
}

// Run gives a new key.
func (c *consumerRenewCmd) Run(ctx context.Context, a *app) error {
	key, hash := newKey()
	if err := c.change(ctx, a, hash, func(*catalog.Consumer) {}); err != nil {
		return err
	}
	return a.printKey(c.ID, key)
}

// consumerDisableCmd is "hub consumer disable".
type consumerDisableCmd struct {
	consumerOf `embed:""`
}

// Run disables a key; a hub that serves notices within half a minute.
func (c *consumerDisableCmd) Run(ctx context.Context, a *app) error {
	return c.change(ctx, a, "", func(c *catalog.Consumer) { c.Disabled = true })
}

// consumerEnableCmd is "hub consumer enable".
type consumerEnableCmd struct {
	consumerOf `embed:""`
}

// Run enables a key again.
func (c *consumerEnableCmd) Run(ctx context.Context, a *app) error {
	return c.change(ctx, a, "", func(c *catalog.Consumer) { c.Disabled = false })
}
