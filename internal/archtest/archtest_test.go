// Package archtest holds the tests that keep the architecture as ARCHITECTURE.md draws
// it: which package may import which, and no loop that loses the error of a sequence.
package archtest

import (
	"go/ast"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "ctiphub"

// allowed lists every package with the packages of the hub that it may import. Children
// may always import their parent. A package that is not listed fails the test.
var allowed = map[string][]string{
	"record":                      {},
	"harvester":                   {"record", "internal/fetch"},
	"harvester/oaipmh":            {"record", "internal/fetch", "internal/oai"},
	"harvester/feed":              {"record", "internal/fetch"},
	"harvester/website":           {"record", "internal/fetch", "internal/pdf"},
	"harvester/wordpress":         {"record", "internal/fetch"},
	"harvester/api":               {"record", "internal/fetch", "internal/lang"},
	"harvester/dspace":            {"record", "internal/fetch", "harvester/api"},
	"harvester/ckan":              {"record", "internal/fetch", "harvester/api"},
	"harvester/reliefweb":         {"record", "internal/fetch", "harvester/api"},
	"harvester/harvestertest":     {"record", "internal/fetch", "internal/replay"},
	"normalizer":                  {"record", "internal/lang", "internal/extract", "internal/spell"},
	"catalog":                     {"record"},
	"catalog/works":               {"record"},
	"catalog/sqlstore":            {"record", "catalog/works"},
	"catalog/catalogtest":         {"record"},
	"exporter":                    {"record"},
	"exporter/oaipmh":             {"record", "internal/oai"},
	"exporter/crosswalk":          {"record", "internal/oai"},
	"exporter/oaidc":              {"record", "internal/oai", "exporter/crosswalk"},
	"exporter/dcterms":            {"record", "exporter/crosswalk"},
	"exporter/mods":               {"record", "exporter/crosswalk"},
	"exporter/datacite":           {"record", "exporter/crosswalk"},
	"exporter/ctip":               {"record", "internal/oai", "internal/ctip"},
	"exporter/ndjson":             {"record", "internal/ctip"},
	"exporter/csv":                {"record"},
	"exporter/feed":               {"record", "internal/oai", "internal/ctip"},
	"exporter/jsonld":             {"record", "exporter/crosswalk"},
	"exporter/citation":           {"record", "exporter/crosswalk"},
	"exporter/pack":               {"record", "exporter/crosswalk", "internal/ctip"},
	"exporter/rdf":                {},
	"exporter/skos":               {"record", "exporter/crosswalk", "exporter/rdf"},
	"exporter/dcat":               {"record", "exporter/crosswalk", "exporter/rdf", "exporter/skos"},
	"exporter/sitemap":            {"internal/oai"},
	"exporter/dump":               {"record"},
	"exporter/exportertest":       {"record"},
	"portal":                      {"record", "analytics", "catalog", "exporter", "exporter/feed", "exporter/crosswalk", "exporter/citation", "exporter/csv", "exporter/dcat", "exporter/jsonld", "exporter/rdf", "exporter/sitemap", "exporter/skos", "internal/ctip"},
	"configs":                     {"analytics", "harvester", "normalizer", "catalog", "exporter/dump", "internal/fetch", "internal/gate", "internal/spell"},
	"configs/monitoring":          {},
	"analytics":                   {},
	"analytics/analyticstest":     {"analytics"},
	"analytics/sqlite":            {"analytics"},
	"analytics/clickhouse":        {"analytics", "configs/monitoring"},
	"analytics/counter":           {"analytics"},
	"analytics/clickhouse/local":  {},
	"internal/spell":              {},
	"internal/lang":               {},
	"internal/lang/gen":           {"internal/lang"},
	"internal/fetch":              {},
	"internal/replay":             {},
	"internal/oai":                {},
	"internal/ctip":               {"record", "internal/oai"},
	"internal/extract":            {"record", "internal/lang", "internal/oai", "internal/ctip"},
	"internal/ingest":             {"record", "harvester", "catalog"},
	"internal/trial":              {"record", "normalizer"},
	"internal/insync":             {"record", "internal/fetch"},
	"internal/gate":               {"catalog", "exporter"},
	"internal/check":              {"record", "harvester", "normalizer", "internal/fetch", "internal/lang", "internal/pdf"},
	"internal/pdf":                {"internal/lang"},
	"internal/linkcheck":          {"catalog", "internal/fetch"},
	"internal/websub":             {"catalog", "internal/fetch"},
	"internal/demo":               {"record", "internal/oai", "internal/ctip"},
	"internal/bench":              {"*"},
	"internal/bench/againstnginx": {"internal/bench"},
	"internal/bench/againstmetha": {"internal/bench", "catalog/sqlstore"},
	"internal/fault":              {"*"},
	"internal/archtest":           {},
	"cmd/hub":                     {"*"},
}

func load(t *testing.T, mode packages.LoadMode, tests bool) []*packages.Package {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: mode | packages.NeedName, Tests: tests, Dir: "../.."}, "./...")
	if err != nil {
		t.Fatalf("loading the module's packages: %v", err)
	}
	if len(pkgs) < 10 {
		t.Fatalf("loaded %d packages: the test sees too little of the module to mean anything", len(pkgs))
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			t.Errorf("%s: %v", p.PkgPath, e)
		}
	}
	return pkgs
}

func TestImports(t *testing.T) {
	for _, p := range load(t, packages.NeedImports, false) {
		name := strings.TrimPrefix(p.PkgPath, module+"/")
		may, listed := allowed[name]
		if !listed {
			t.Errorf("package %s is not in the import table: add it to this test and to ARCHITECTURE.md", name)
			continue
		}
		for path := range p.Imports {
			dep, ours := strings.CutPrefix(path, module+"/")
			if ours && !mayImport(name, dep, may) {
				t.Errorf("%s imports %s, which the import table does not allow", name, dep)
			}
		}
	}
}

// mayImport holds a dependency against the table.
func mayImport(name, dep string, may []string) bool {
	if strings.HasPrefix(name, dep+"/") {
		return true
	}
	for _, m := range may {
		if m == "*" || m == dep {
			return true
		}
	}
	return false
}

// TestRangeKeepsErrors finds loops "for v := range seq" over a sequence whose second
// value is an error: they compile, pass vet and lose the error.
func TestRangeKeepsErrors(t *testing.T) {
	mode := packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps
	for _, p := range load(t, mode, true) {
		for _, file := range p.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				loop, ok := n.(*ast.RangeStmt)
				if ok && loop.Value == nil && yieldsError(p.TypesInfo.TypeOf(loop.X)) {
					t.Errorf("%s: the loop ignores the error of the sequence", p.Fset.Position(loop.Pos()))
				}
				return true
			})
		}
	}
}

var errorType = types.Universe.Lookup("error").Type()

// yieldsError reports whether a type is func(yield func(V, error) bool).
func yieldsError(t types.Type) bool {
	if t == nil {
		return false
	}
	seq, ok := t.Underlying().(*types.Signature)
	if !ok || seq.Params().Len() != 1 {
		return false
	}
	yield, ok := seq.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Params().Len() == 2 && types.Identical(yield.Params().At(1).Type(), errorType)
}

func TestYieldsError(t *testing.T) {
	str, errT := types.Typ[types.String], errorType
	sig := func(params ...types.Type) *types.Signature {
		var vars []*types.Var
		for _, p := range params {
			vars = append(vars, types.NewVar(0, nil, "", p))
		}
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(vars...), nil, false)
	}
	for name, c := range map[string]struct {
		typ  types.Type
		want bool
	}{
		"Seq2 with an error":    {sig(sig(str, errT)), true},
		"Seq2 without an error": {sig(sig(str, str)), false},
		"Seq":                   {sig(sig(str)), false},
		"slice":                 {types.NewSlice(str), false},
	} {
		if got := yieldsError(c.typ); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
