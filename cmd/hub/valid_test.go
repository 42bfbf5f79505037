package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// formatSchemas are the official schemas of formats below the folder of schemas, each with its
// name space. The repository holds none of them; the hub's own is among what it publishes.
var formatSchemas = map[string][]struct{ space, file string }{
	"oai_dc":  nil,
	"oai_qdc": {{"http://worldcat.org/xmlschemas/qdc-1.0/", "qdc-1.0.xsd"}},
	"ctip":    {{"urn:ctip-hub:schema:ctip:1.0", "ctip.xsd"}},
	"mods":    {{"http://www.loc.gov/mods/v3", "mods-3-8.xsd"}},
	"oai_datacite": {
		{"http://datacite.org/schema/kernel-4", "datacite/metadata.xsd"}, {"http://schema.datacite.org/oai/oai-1.1/", "datacite/oai.xsd"},
	},
}

// validateAnswers holds every verb in every format, as a hub with real pages serves it, against
// the official schemas with xmllint. Where the schema of a format is not at hand, its answers are
// held to the protocol's with Dublin Core in place of each metadata document.
func validateAnswers(t *testing.T, base string) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("the test needs xmllint (Debian package libxml2-utils)")
	}
	folder := os.Getenv("HUB_XSD")
	if folder == "" {
		folder = "../../../shared/data/xsd"
	}
	if folder, err = filepath.Abs(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "OAI-PMH.xsd")); err != nil {
		t.Logf("not validated: the official schemas are not in %s", folder)
		return
	}
	own, err := filepath.Abs("../../internal/ctip/schema/ctip.xsd")
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`<identifier>([^<]+)</identifier>`).FindStringSubmatch(fetched(t, base+"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"))[1]
	for format, schemas := range formatSchemas {
		t.Run(format, func(t *testing.T) {
			var imports strings.Builder
			missing := ""
			for _, s := range schemas {
				file := filepath.Join(folder, s.file)
				if s.file == "ctip.xsd" {
					file = own
				}
				if _, err := os.Stat(file); err != nil {
					missing = file
					continue
				}
				fmt.Fprintf(&imports, `<xs:import namespace="%s" schemaLocation="file://%s"/>`, s.space, file)
			}
			answers := []string{
				fetched(t, base+"/oai?verb=Identify"), fetched(t, base+"/oai?verb=ListMetadataFormats"), fetched(t, base+"/oai?verb=ListSets"), fetched(t, base+"/oai"),
				fetched(t, base+"/oai?verb=GetRecord&metadataPrefix="+format+"&identifier="+url.QueryEscape(id)),
				fetched(t, base+"/oai?verb=ListIdentifiers&metadataPrefix="+format), fetched(t, base+"/oai?verb=ListRecords&metadataPrefix=nothing"),
				fetched(t, base+"/oai?verb=ListRecords&set=country:KH&metadataPrefix="+format),
			}
			for query := "verb=ListRecords&metadataPrefix=" + format; query != ""; {
				page := fetched(t, base+"/oai?"+query)
				answers = append(answers, page)
				query = ""
				if m := tokenText.FindStringSubmatch(page); m != nil {
					query = "verb=ListRecords&resumptionToken=" + url.QueryEscape(m[1])
				}
			}
			if missing != "" {
				t.Logf("only the envelope is validated: there is no official schema %s", missing)
				for i, a := range answers {
					answers[i] = metadata.ReplaceAllString(a, "<metadata>"+plainDC+"</metadata>")
				}
			}
			validate(t, xmllint, folder, imports.String(), answers)
		})
	}
}

// metadata is a metadata document in an answer, and plainDC one that is valid.
var metadata = regexp.MustCompile(`(?s)<metadata>.*?</metadata>`)

const plainDC = `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>x</dc:title></oai_dc:dc>`

var tokenText = regexp.MustCompile(`<resumptionToken[^>]*>([^<]+)<`)

// validate runs xmllint over answers.
func validate(t *testing.T, xmllint, folder, imports string, answers []string) {
	t.Helper()
	dir := t.TempDir()
	all, err := os.ReadFile(filepath.Join(folder, "all.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(all), `schemaLocation="`, `schemaLocation="file://`+folder+"/")
	text = strings.Replace(text, "</xs:schema>", imports+"</xs:schema>", 1)
	args := []string{"--noout", "--nonet", "--schema", filepath.Join(dir, "all.xsd")}
	if err := os.WriteFile(filepath.Join(dir, "all.xsd"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var catalogue strings.Builder
	catalogue.WriteString(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">`)
	for address, file := range map[string]string{
		"http://www.w3.org/2001/03/xml.xsd": "xml.xsd", "http://www.w3.org/2001/xml.xsd": "xml.xsd", "http://www.loc.gov/mods/xml.xsd": "xml.xsd", "http://www.loc.gov/standards/xlink/xlink.xsd": "xlink.xsd",
	} {
		fmt.Fprintf(&catalogue, `<system systemId="%s" uri="file://%s/%s"/><uri name="%s" uri="file://%s/%s"/>`, address, folder, file, address, folder, file)
	}
	catalogue.WriteString("</catalog>")
	if err := os.WriteFile(filepath.Join(dir, "catalog.xml"), []byte(catalogue.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		file := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(file, []byte(a), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.Command(xmllint, args...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(dir, "catalog.xml"))
	out, err := cmd.CombinedOutput()
	if n := strings.Count(string(out), " validates\n"); err != nil || n != len(answers) {
		t.Errorf("%d of %d answers are valid: %v\n%.3000s", n, len(answers), err, strings.ReplaceAll(string(out), " validates\n", ""))
	}
}

// fetched is the body of an answer.
func fetched(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", address, res.StatusCode, err)
	}
	return string(body)
}
