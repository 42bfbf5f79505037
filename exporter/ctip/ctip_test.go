package ctip_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctiphub/exporter"
	"ctiphub/exporter/ctip"
	"ctiphub/exporter/exportertest"
	documents "ctiphub/internal/ctip"
)

var update = flag.Bool("update", false, "refresh the golden files")

var (
	_ exporter.Format    = ctip.New()
	_ exporter.Crosswalk = ctip.New()
)

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, ctip.New(), exportertest.Samples()...)
	exportertest.Golden(t, "samples.xml.golden", got, *update)
	for _, secret := range []string{"curator-7", "asked the agency", "00aa11bb"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("%q, which is internal, was exported", secret)
		}
	}
}

func TestErrors(t *testing.T) { exportertest.Errors(t, ctip.New()) }

// TestSchema has xmllint hold whole documents against the published schema.
func TestSchema(t *testing.T) {
	bin, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("the test needs xmllint (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, documents.Schemas); err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{
		"empty.xml":   exportertest.Encode(t, ctip.New()),
		"samples.xml": exportertest.Encode(t, ctip.New(), exportertest.Samples()...),
		"one.xml":     ctip.New().At("https://hub.example/").Append(nil, exportertest.Samples()[0]),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		schema := filepath.Join(dir, "schema", documents.SchemaXML)
		if out, err := exec.CommandContext(t.Context(), bin, "--nonet", "--noout", "--schema", schema, file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestAppend reads what OAI-PMH would disseminate as a second hub would.
func TestAppend(t *testing.T) {
	e := ctip.New()
	for _, rec := range exportertest.Samples()[:4] {
		doc := e.Append([]byte("<metadata>"), rec)
		got, err := documents.ParseXML(append(doc, "</metadata>"...))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, documents.Public(got)) || !reflect.DeepEqual(documents.Content(got), documents.Content(rec)) {
			t.Errorf("%s came out as another record", rec.ID)
		}
	}
}

// TestNames holds what the protocol is told about the format against what is written.
func TestNames(t *testing.T) {
	at := ctip.New().At("https://hub.example/")
	if got := at.Schema(); got != "https://hub.example/schema/ctip.xsd" {
		t.Errorf("the schema is said to be at %s", got)
	}
	for _, e := range []ctip.Exporter{ctip.New(), at} {
		doc := e.Append(nil, exportertest.Samples()[5])
		var root struct {
			XMLName  xml.Name
			Location string `xml:"http://www.w3.org/2001/XMLSchema-instance schemaLocation,attr"`
		}
		if err := xml.Unmarshal(doc, &root); err != nil {
			t.Fatal(err)
		}
		if root.XMLName.Space != e.Namespace() {
			t.Errorf("the namespace is %q, not %q", root.XMLName.Space, e.Namespace())
		}
		want := ""
		if strings.HasPrefix(e.Schema(), "https:") {
			want = e.Namespace() + " " + e.Schema()
		}
		if root.Location != want {
			t.Errorf("the schema location is %q, not %q", root.Location, want)
		}
	}
}

// TestStreams makes sure that a record is out before the next one is asked for.
func TestStreams(t *testing.T) {
	var out bytes.Buffer
	rec := exportertest.Samples()[0]
	failure := errors.New("stop")
	err := ctip.New().Encode(t.Context(), io.MultiWriter(&out), exportertest.Seq(failure, rec))
	if err != failure || !bytes.Contains(out.Bytes(), []byte("</resource>")) || bytes.Contains(out.Bytes(), []byte("</resources>")) {
		t.Errorf("got %v after %q", err, out.Bytes())
	}
}
