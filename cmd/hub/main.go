// Command hub is the whole hub in one binary: it harvests, normalizes, catalogues and
// serves. This package wires the others and starts and stops them; it decides nothing
// about records.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // schedules and windows are meant in zones that a bare machine has no files of

	"github.com/alecthomas/kong"

	"ctiphub/internal/pdf"
)

// Exit codes of every command.
const (
	exitDone  = 0
	exitError = 1
	exitUsage = 2
)

// cli is the command line. Its tags are the help texts.
type cli struct {
	Config  string `help:"Configuration file; the built-in configuration when it does not exist." default:"configs/hub.yaml" env:"HUB_CONFIG" placeholder:"FILE"`
	Data    string `help:"Folder of the catalogue (./data unless the configuration says otherwise)." env:"HUB_DATA" placeholder:"DIR"`
	JSON    bool   `name:"json" help:"Answer with JSON, for programs."`
	Verbose bool   `short:"v" help:"Log every step to standard error."`

	Serve     serveCmd         `cmd:"" help:"Harvest on schedule and serve everything on one port."`
	Demo      demoCmd          `cmd:"" help:"Take the two-minute tour: a simulated federation on this machine, and a hub that harvests it."`
	Harvest   harvestCmd       `cmd:"" help:"Harvest sources once, now."`
	Check     checkCmd         `cmd:"" help:"Show how the hub sees a page, feed, sitemap, PDF, repository or API. Stores nothing."`
	Sources   sourcesCmd       `cmd:"" help:"List and show sources, pause or purge them, decide on held runs."`
	Rules     rulesCmd         `cmd:"" help:"Test rules and vocabulary: on cases, and on everything that is stored."`
	Replay    replayCmd        `cmd:"" help:"Make records again from what is stored, by the rules of now: no site is visited."`
	Review    reviewCmd        `cmd:"" help:"Work the review queue: tags that the hub is not sure of, and records held back."`
	Quality   qualityCmd       `cmd:"" help:"Show how complete records are, and what their publishers can do."`
	Works     worksCmd         `cmd:"" help:"Find, show and correct which records are editions of one work."`
	Override  overrideCmd      `cmd:"" help:"Correct single records, above what their sources say."`
	Takedown  takedownCmd      `cmd:"" help:"Erase records for good, everywhere: no harvest brings them back."`
	Restored  restoreRecordCmd `cmd:"" name:"restore-record" help:"End a takedown."`
	Takedowns takedownsCmd     `cmd:"" help:"List what was taken down, by whom and why."`
	Export    exportCmd        `cmd:"" help:"Write the published records to a file or to standard output."`
	Dump      dumpCmd          `cmd:"" help:"Make, list, release and verify dumps of everything."`
	Consumer  consumerCmd      `cmd:"" help:"Give portals keys, and see how much they take."`
	SyncCheck syncCheckCmd     `cmd:"" name:"sync-check" help:"Follow a hub's change log as a consumer would, and prove by counts and digests that nothing is missing."`
	Usage     usageCmd         `cmd:"" help:"What the hub is used for: report it, verify it, copy it to ClickHouse, show where it is kept."`
	Coverage  coverageCmd      `cmd:"" help:"Count what the hub knows of, by country and area of the ACWC guidelines."`
	Conf      configCmd        `cmd:"" name:"config" help:"Check the configuration, or print what it may contain."`
	Migrate   migrateCmd       `cmd:"" help:"Bring the catalogue's tables up to date (every start does it, too)."`
	Verify    verifyCmd        `cmd:"" help:"Check that records, search index, facets, sets and counts agree."`
	Version   versionCmd       `cmd:"" help:"Print the version."`
}

const description = `The hub harvests counter-trafficking (CTIP) victim-protection resources from where ASEAN's publishers already publish, and serves them in one catalogue.

Try "hub demo" first. Add a source as a file in configs/sources, look at it with "hub check URL", harvest it with "hub harvest ID".`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first Ctrl-C the default handling is back: a second one ends at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// pdfWorker is the argument by which the hub calls itself to read one PDF file. It is no
// command: nothing of configuration, data or log is opened for it.
const pdfWorker = "pdf-worker"

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && args[0] == pdfWorker {
		if err := pdf.Worker(ctx, os.Stdin, stdout); err != nil {
			fmt.Fprintln(stderr, "hub:", err)
			return exitError
		}
		return exitDone
	}
	var c cli
	code := -1
	parser, err := kong.New(&c,
		kong.Name("hub"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code = n }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 96}),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "hub:", err)
		return exitError
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if code >= 0 { // help was asked for and printed
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "hub: %v\nSee \"hub --help\".\n", err)
		return exitUsage
	}
	a := newApp(&c, stdout, stderr)
	err = kctx.Run(a)
	if stopErr := a.stop(ctx); err == nil {
		err = stopErr
	}
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "hub:", err)
		return exitUsage
	case errors.Is(err, errReported):
		return exitError
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(stderr, "hub: stopped")
		return exitError
	default:
		fmt.Fprintln(stderr, "hub:", err)
		return exitError
	}
}

// usageError is a wrong use of the command line that only the command itself can see.
type usageError string

func (e usageError) Error() string { return string(e) }

// errReported ends a command that failed and has already said why.
var errReported = errors.New("reported")
