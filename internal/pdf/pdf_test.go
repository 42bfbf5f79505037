package pdf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestMain is the worker as well: a test starts its own binary again to read a file.
func TestMain(m *testing.M) {
	if os.Getenv(envPages) != "" {
		if err := Worker(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	// Compiling PDFium takes seconds that no test should be charged with.
	if _, err := builtIn(Options{Timeout: 2 * time.Minute}).Read(context.Background(), document([]show{}).bytes()); err != nil {
		fmt.Fprintln(os.Stderr, "the PDF worker does not start:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// builtIn is the reader that the hub carries itself.
func builtIn(o Options) *Reader {
	o.Poppler, o.Worker = "none", []string{os.Args[0]}
	if cache, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(cache, "ctiphub-test-pdfium")
	}
	return New(o)
}

// readers returns the readers of this machine: the worker always, poppler where it is.
func readers(t *testing.T, o Options) map[string]*Reader {
	t.Helper()
	list := map[string]*Reader{}
	if _, ok := findPoppler(""); ok {
		list["poppler"] = New(o)
	} else {
		t.Log("poppler is not installed: only PDFium was tested")
	}
	list["pdfium"] = builtIn(o)
	return list
}

const english = "This handbook helps officers to identify victims of trafficking and to refer them to services."

func TestRead(t *testing.T) {
	sound := document(prosePage("Handbook for Front-line Officers", english), prosePage("Second page", english)).
		info("Title", "Microsoft Word - final2.doc", "Author", "\xfe\xff\x00A\x00n\x00n\x00a\x00 \x00T\x00h\x00a\x00n", "Subject", "Write to someone@agency.example", "Producer", "Press 9", "CreationDate", "D:20240131235959+07'00'").
		catalog("/Lang (en-GB)").
		xmp(` pdf:Producer="Press 9"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Handbook</rdf:li><rdf:li xml:lang="th">คู่มือ</rdf:li></rdf:Alt></dc:title>` +
			`<dc:creator><rdf:Seq><rdf:li>Anna Than</rdf:li><rdf:li>Ministry of Examples</rdf:li></rdf:Seq></dc:creator><dc:date><rdf:Seq><rdf:li>2023-11</rdf:li></rdf:Seq></dc:date><dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>`).bytes()
	for name, r := range readers(t, Options{}) {
		t.Run(name, func(t *testing.T) {
			p, err := r.Read(t.Context(), sound)
			if err != nil {
				t.Fatal(err)
			}
			want := Properties{
				Version: "1.6", Pages: 2, Bytes: int64(len(sound)), Checksum: p.Checksum, Created: "2024-01-31", Issued: "2023-11",
				Title:       []Text{{"Handbook", ""}, {"คู่มือ", "th"}, {"Microsoft Word - final2.doc", ""}},
				Description: []Text{{"Write to", ""}}, Creators: []Text{{"Anna Than", ""}, {"Ministry of Examples", ""}},
				CatalogLanguage: "en-GB", StatedLanguages: []Text{{"en", ""}}, Producer: "Press 9",
				LargestText: p.LargestText, Language: "en", LanguageSurety: p.LanguageSurety, Text: TextSound,
			}
			if !reflect.DeepEqual(p, want) {
				t.Errorf(" got %+v\nwant %+v", p, want)
			}
			if len(p.LargestText) != 1 || p.LargestText[0].Value != "Handbook for Front-line Officers" || p.LargestText[0].Scale < 1.8 {
				t.Errorf("largest text %+v", p.LargestText)
			}
			if len(p.Checksum) != len("sha256:")+64 || p.LanguageSurety < 0.8 {
				t.Errorf("checksum %q, surety %v", p.Checksum, p.LanguageSurety)
			}
			if text, err := json.Marshal(p); err != nil || strings.Contains(string(text), "officers to identify") {
				t.Errorf("running text was kept, or %v: %s", err, text)
			}
		})
	}
}

func TestTextOfFiles(t *testing.T) {
	thai := func(s string) string { // as a one-byte Thai font has it
		var b []byte
		for _, r := range s {
			if r >= 0xE01 {
				r = r - 0xE01 + 0xA1
			}
			b = append(b, byte(r))
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		file   *file
		text   string
		title  string
		lang   string
		repair string
	}{
		"no text":                {document([]show{}), TextAbsent, "", "", ""},
		"Thai without a table":   {document(prosePage(thai("คู่มือการปฏิบัติงาน"), thai("การคุ้มครองผู้เสียหายจากการค้ามนุษย์และการส่งกลับ"))), TextMended, "คู่มือการปฏิบัติงาน", "th", "tis620-as-latin1"},
		"shifted Thai marks":     {document(prosePage(thai("รายงานประจำปี"), strings.ReplaceAll(thai("เจ้าหน้าที่ต้องช่วยเหลือผู้เสียหายและเด็ก"), "\xe9", "\x8c"))), TextMended, "รายงานประจำปี", "th", "tis620-as-latin1"},
		"all of one size":        {document([]show{{11, 760, "National Action Plan"}, {11, 700, english}, {11, 686, english}}), TextSound, "National Action Plan", "en", ""},
		"running text only":      {document([]show{{11, 700, english}, {11, 686, english}}), TextSound, "", "en", ""},
		"telephone printed big":  {document([]show{{30, 760, "Call 081 234 5678"}, {18, 700, "Shelter Guide"}, {11, 600, english}}), TextSound, "Shelter Guide", "en", ""},
		"address printed big":    {document([]show{{30, 760, "someone@agency.example"}, {18, 700, "Shelter Guide"}, {11, 600, english}}), TextSound, "Shelter Guide", "en", ""},
		"over two lines":         {document([]show{{20, 760, "Report on the Protection"}, {20, 737, "of Migrant Children"}, {11, 600, english}, {11, 586, english}}), TextSound, "Report on the Protection of Migrant Children", "en", ""},
		"a drop capital":         {document([]show{{60, 700, "T"}, {16, 760, "Guidance Note"}, {11, 600, english}, {11, 586, english}}), TextSound, "Guidance Note", "en", ""},
		"years of two calendars": {document([]show{{20, 760, "Report 2021"}, {11, 600, english + " In 2564 (2021)."}, {11, 40, "Printed 2022"}}), TextSound, "Report 2021", "en", ""},
	} {
		for reader, r := range readers(t, Options{}) {
			t.Run(name+"/"+reader, func(t *testing.T) {
				t.Parallel()
				p, err := r.Read(t.Context(), c.file.bytes())
				if err != nil {
					t.Fatal(err)
				}
				title := ""
				if len(p.LargestText) > 0 {
					title = p.LargestText[0].Value
				}
				if p.Text != c.text || title != c.title || p.Language != c.lang || p.Repair != c.repair {
					t.Errorf("text %q, title %q, language %q, repair %q; want %+v", p.Text, title, p.Language, p.Repair, c)
				}
				if years := fmt.Sprint(p.Years); strings.HasPrefix(name, "years") && years != "[{2021 title} {2022 bottom}]" {
					t.Errorf("years %s", years)
				}
			})
		}
	}
}

func TestDamagedText(t *testing.T) {
	for text, damaged := range map[string]bool{
		"\uf041\uf042\uf043 \uf044\uf045 and": true,
		"\ufffd\ufffd\ufffd report":           true,
		"7KLV KDQGERRN $KHOSV 2IILFHUV WR@LGHQWLI\\ Y=FWLPV RI 7UDIILFN=QJ 3HUV<RQV 1DWL@RQDO 5HSRU>W": true,
		english: false,
		"คู่มือการปฏิบัติงานเพื่อการคุ้มครองผู้เสียหาย":                                                               false,
		"3rd quarter of 2021: 12 cases at https://agency.example/?a=b and 2nd floor of the shelter we know of as one": false,
	} {
		p := Properties{}
		p.look(content{Lines: []printed{{Page: 1, Size: 10, Text: text}}})
		if (p.Text == TextDamaged) != damaged {
			t.Errorf("%q: %s", text, p.Text)
		}
		if damaged && (len(p.LargestText) > 0 || p.Language != "") {
			t.Errorf("%q: damaged text was used: %+v", text, p)
		}
	}
}

// Hostile and broken files end within the limits, each with its code, or are read.
func TestHostileFiles(t *testing.T) {
	sound := document(prosePage("Handbook", english)).bytes()
	locked := document(prosePage("Handbook", english))
	locked.trailer["ID"] = "[<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
	locked.trailer["Encrypt"] = locked.add(fmt.Sprintf("<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>", strings.Repeat("5a", 32), strings.Repeat("a5", 32)))
	pages := document(prosePage("Handbook", english))
	pages.objects[1] = "<< /Type /Pages /Kids [4 0 R] /Count 1000000000 >>"
	bomb := document([]show{})
	bomb.objects[4] = stream("/Filter /FlateDecode", deflated(t, []byte("BT /F1 9 Tf "+strings.Repeat("(aaaaaaaa) Tj ", 6<<20)+"ET")))
	deep := document([]show{})
	for i := range 10_000 {
		deep.add(fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R] /Count 1 >>", len(deep.objects)+2))
		if i == 0 {
			deep.objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R] /Count 1 >>", len(deep.objects))
		}
	}
	loop := document(prosePage("Handbook", english))
	loop.prev = "self"
	circle := document([]show{})
	circle.objects[1] = "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
	for name, c := range map[string]struct {
		body  []byte
		codes string // that are right; "" among them: it may be read
		check func(Properties) bool
	}{
		"locked":         {locked.bytes(), "|", func(p Properties) bool { return p.Encrypted && p.Locked && p.Text == "" && p.Bytes > 0 }},
		"truncated":      {sound[:len(sound)/2], "|" + CodeUnreadable, nil},
		"page bomb":      {pages.bytes(), "|" + CodeUnreadable, func(p Properties) bool { return p.Pages <= 1 }},
		"stream bomb":    {bomb.bytes(), "|" + CodeTooHeavy, func(p Properties) bool { return p.Pages == 1 }},
		"deep page tree": {deep.bytes(), "|" + CodeTooHeavy + "|" + CodeUnreadable, nil},
		"xref loop":      {loop.bytes(), "|" + CodeUnreadable, func(p Properties) bool { return p.Pages == 1 }},
		"page circle":    {circle.bytes(), "|" + CodeUnreadable + "|" + CodeTooHeavy, nil},
		"header only":    {[]byte("%PDF-1.7\n"), CodeUnreadable, nil},
		"noise":          {append([]byte("%PDF-1.7\n"), make([]byte, 100_000)...), CodeUnreadable, nil},
		"a page":         {[]byte("<html>not found</html>"), CodeNotPDF, nil},
		"nothing":        {nil, CodeNotPDF, nil},
		"too large":      {append(append([]byte{}, sound...), make([]byte, 12<<20)...), CodeTooLarge, nil},
	} {
		for reader, r := range readers(t, Options{Timeout: 6 * time.Second, MaxBytes: 10 << 20, Memory: 512 << 20}) {
			t.Run(name+"/"+reader, func(t *testing.T) {
				t.Parallel()
				begun := time.Now()
				p, err := r.Read(t.Context(), c.body)
				code := ""
				if e, ok := errors.AsType[*Error](err); ok {
					code = e.Code
					if e.Detail == "" || !strings.HasPrefix(e.Error(), e.Code) {
						t.Errorf("the error says nothing: %v", e)
					}
				} else if err != nil {
					t.Fatalf("an error of another kind: %v", err)
				}
				if !strings.Contains("|"+c.codes+"|", "|"+code+"|") || code == "" && !strings.HasPrefix(c.codes, "|") {
					t.Errorf("code %q (%v), want one of %q", code, err, c.codes)
				}
				if err == nil && c.check != nil && !c.check(p) {
					t.Errorf("got %+v", p)
				}
				t.Logf("%s: %q %v %d pages", name, code, time.Since(begun).Round(time.Millisecond), p.Pages)
			})
		}
	}
}

// waiting is a reader that is busy until it is told otherwise.
type waiting struct{ begun, release chan struct{} }

func (w waiting) read(context.Context, []byte, Options) (content, error) {
	w.begun <- struct{}{}
	<-w.release
	return content{Pages: 1}, nil
}

func TestFewAtOnce(t *testing.T) {
	w := waiting{make(chan struct{}), make(chan struct{})}
	r := New(Options{Poppler: "none", AtOnce: 1})
	r.backend = w
	done := make(chan error)
	go func() {
		_, err := r.Read(context.Background(), []byte("%PDF-1.4"))
		done <- err
	}()
	<-w.begun
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.Read(ctx, []byte("%PDF-1.4")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second file was read beside the first: %v", err)
	}
	w.release <- struct{}{}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoReader(t *testing.T) {
	_, err := New(Options{Poppler: "none"}).Read(t.Context(), document([]show{}).bytes())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeNoReader {
		t.Errorf("got %v", err)
	}
	_, err = New(Options{Poppler: t.TempDir()}).Read(t.Context(), document([]show{}).bytes())
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeNoReader {
		t.Errorf("an empty folder of poppler: %v", err)
	}
}

// A reader that hangs, floods or dies is ended, and what the hub was doing goes on.
func TestProcessesAreLimited(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		err    string
		output int
	}{
		"hangs":      {"while :; do :; done", CodeTooHeavy, 0},
		"floods":     {"while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "", 1000},
		"dies":       {"kill -SEGV $$", CodeTooHeavy, 0},
		"complains":  {"i=0; while [ $i -lt 20000 ]; do echo warning warning warning >&2; i=$((i+1)); done; echo done", "", 5},
		"says no":    {"exit 3", "exit status 3", 0},
		"sees keys?": {"echo $HUB_SECRET", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HUB_SECRET", "key")
			ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errTooLong)
			defer cancel()
			out, _, err := run(ctx, limits{memory: 512 << 20, cpu: 10 * time.Second, output: 1000}, nil, nil, "sh", "-c", c.script)
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || len(out) != c.output {
				t.Errorf("%d bytes, %v; want %d, %q", len(out), err, c.output, c.err)
			}
		})
	}
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, r := range readers(t, Options{}) {
		if _, err := r.Read(ctx, document([]show{}).bytes()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a cancelled context gives %v", name, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "hub-pdf-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files were left: %q, %v", left, err)
	}
}
