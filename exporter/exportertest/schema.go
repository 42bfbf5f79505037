package exportertest

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Schemas says where the official schemas of the formats lie. They are other people's
// texts and not part of this repository; the variable HUB_XSD names another folder.
const Schemas = "../../../shared/data/xsd"

// file is one schema below Schemas, with the checksum of the version that is meant.
type file struct{ name, sum string }

var xmlNamespace = file{"xml.xsd", "61960fb3131e38022caad5360e2f33a3382578ab3c80cd58bd74320ede61b20c"}

// located maps the addresses by which the schemas import each other to files, so that
// nothing is fetched.
var located = map[string]file{
	"http://www.w3.org/2001/03/xml.xsd":                             xmlNamespace,
	"http://www.w3.org/2001/xml.xsd":                                xmlNamespace,
	"http://www.loc.gov/mods/xml.xsd":                               xmlNamespace,
	"http://www.loc.gov/standards/xlink/xlink.xsd":                  {"xlink.xsd", "f1f5bb6003165cdd8f6c1fcc32f8fd1f965e1681010f3b9806d9460bcffa8a3c"},
	"http://www.loc.gov/standards/mods/v3/mods-3-8.xsd":             {"mods-3-8.xsd", "ded45d61d3378d4bed750d8f80633bb0b37e1883afd3a106eef6225c54737a18"},
	"http://dublincore.org/schemas/xmls/qdc/2008/02/11/dcterms.xsd": {"dcterms.xsd", "d23102baf91c8df732f52a230f5fbf5307313ac9112d1374a038c297b2d42e96"},
	"http://schema.datacite.org/meta/kernel-4/metadata.xsd":         {"datacite/metadata.xsd", "be878f9afddeb677ec4cd274233de0c328246748305d9f58ee78352714412522"},
	"http://schema.datacite.org/oai/oai-1.1/oai.xsd":                {"datacite/oai.xsd", "c13279f7b1475bc3564f704beb684221ae4b0d3de9ec5fab95c98d943fd77128"},
}

// Valid holds each sample and hundreds of random records against a schema that imports
// the official ones by their addresses. Where these are not at hand it says so, and xmllint
// holds the records to being well-formed, with every prefix declared.
func Valid(t *testing.T, x exporter.Crosswalk, schema string) {
	t.Helper()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("the test needs xmllint (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	args := []string{"--nonet", "--noout"}
	catalogue, missing := writeCatalogue(t, dir, schema)
	if missing == "" {
		write(t, filepath.Join(dir, "all.xsd"), schema)
		args = append(args, "--schema", filepath.Join(dir, "all.xsd"))
	} else {
		t.Logf("well-formed only: there is no official schema %s", missing)
	}
	recs := records()
	for i, rec := range recs {
		file := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		write(t, file, string(x.Append(nil, rec)))
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), xmllint, args...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+catalogue)
	out, err := cmd.CombinedOutput()
	// Without a schema xmllint says nothing of what is right; of a prefix that is not declared
	// it only warns.
	if n := strings.Count(string(out), " validates\n"); err != nil || missing == "" && n != len(recs) || missing != "" && len(out) > 0 {
		t.Errorf("%d of %d records are valid: %v\n%s", n, len(recs), err, invalid(out))
	}
}

// sound are values as real records have them, which random texts hardly ever hit.
var sound = struct{ dates, addresses, schemes []string }{
	[]string{"2023", "2023-02", "2024-02-29", "2023~", "2021/2022", "2021-01-05/2021-02", "2021/..", "../2022", "0000", "2023-13"},
	[]string{"https://a.example/b?c=1&d=2", "http://a.example/%E0%B8%81", "https://a.example/ก", "urn:isbn:978-0", "https://[::1]/", "https://a.example/x y", "10.1/x"},
	[]string{"doi", "isbn", "handle", "uri", "number", ""},
}

// records are the samples and 400 random ones, always the same; every second one of these
// has sound values where the formats have types.
func records() []record.Record {
	list, r := Samples(), rand.New(rand.NewPCG(7, 11))
	one := func(of []string) string { return of[r.IntN(len(of))] }
	for i := range 400 {
		rec := Random(r)
		if i%2 == 0 {
			rec.Issued.EDTF, rec.Modified.EDTF, rec.Valid.EDTF = one(sound.dates), one(sound.dates), one(sound.dates)
			rec.Origin.Landing, rec.Rights.License = one(sound.addresses), one(sound.addresses)
			rec.Languages = []string{"km", "zh-Hans"}
			rec.Files = append(rec.Files, record.File{URL: one(sound.addresses), MediaType: "application/pdf", Pages: r.IntN(9), Bytes: r.Int64N(9)})
			rec.Identifiers = append(rec.Identifiers, record.Identifier{Scheme: one(sound.schemes), Value: one(sound.addresses)})
			rec.Relations = append(rec.Relations, record.Relation{
				Kind: one([]string{"translationOf", "versionOf", "partOf", "accompanies"}), Target: one(sound.addresses),
			})
			rec.Creators = append(rec.Creators, record.Agent{Name: record.Texts{"en": "A", "km": "B"}, Kind: one([]string{"person", "ngo", ""}), ID: one(sound.addresses)})
		}
		list = append(list, rec)
	}
	return list
}

// invalid keeps the first lines that say what is wrong.
func invalid(out []byte) string {
	var list []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasSuffix(line, " validates\n") && len(list) < 20 {
			list = append(list, line[:min(len(line), 400)])
		}
	}
	return strings.Join(list, "")
}

// writeCatalogue writes an XML catalogue of the schemas, and says which one that is needed is
// missing.
func writeCatalogue(t *testing.T, dir, schema string) (name, missing string) {
	t.Helper()
	folder := os.Getenv("HUB_XSD")
	if folder == "" {
		folder, _ = filepath.Abs(Schemas)
	}
	var b strings.Builder
	b.WriteString(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">`)
	for url, f := range located {
		path := filepath.Join(folder, f.name)
		if strings.Contains(schema, url) {
			if !check(t, path, f.sum) {
				missing = path
			}
		}
		fmt.Fprintf(&b, `<system systemId="%s" uri="file://%s"/><uri name="%s" uri="file://%s"/>`, url, path, url, path)
	}
	b.WriteString("</catalog>")
	name = filepath.Join(dir, "catalog.xml")
	write(t, name, b.String())
	return name, missing
}

// check reports whether a schema is there, and fails the test where it is another version than
// the one that the formats were written for.
func check(t *testing.T, path, sum string) bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != sum {
		t.Errorf("%s has the checksum %s, not %s", path, got, sum)
	}
	return true
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
