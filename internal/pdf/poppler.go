package pdf

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// content is what an interpreter of PDF finds in a file.
type content struct {
	Version   string            `json:"version"`
	Pages     int               `json:"pages"`
	Encrypted bool              `json:"encrypted"`
	Locked    bool              `json:"locked"`
	Info      map[string]string `json:"info"`
	Lines     []printed         `json:"lines"`  // of the first pages
	Height    float64           `json:"height"` // of the first page
}

// printed is one line of a page.
type printed struct {
	Page  int     `json:"page"` // from 1
	Left  float64 `json:"left"`
	Top   float64 `json:"top"`
	Right float64 `json:"right"`
	Size  float64 `json:"size"` // height of the letters
	Text  string  `json:"text"`
}

// Limits on what is taken over from a reader.
const (
	maxLines   = 5000
	maxLineLen = 1000
	maxOutput  = 8 << 20
)

// poppler is the two programs of poppler-utils.
type poppler struct{ info, text string }

func (p poppler) read(ctx context.Context, body []byte, o Options) (content, error) {
	dir, err := os.MkdirTemp("", "hub-pdf-")
	if err != nil {
		return content{}, fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays is the system's to clean
	name := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(name, body, 0o600); err != nil {
		return content{}, fmt.Errorf("writing a temporary file: %w", err)
	}
	l := limits{memory: o.Memory, cpu: o.Timeout, output: maxOutput}
	out, complaints, err := run(ctx, l, nil, nil, p.info, "-enc", "UTF-8", "-rawdates", name)
	if strings.Contains(complaints, "Incorrect password") {
		return content{Encrypted: true, Locked: true}, nil
	}
	if err != nil {
		return content{}, err
	}
	c := parseInfo(string(out))
	if c.Pages == 0 {
		return c, &Error{Code: CodeUnreadable, Detail: "The file has no pages."}
	}
	// A file whose pages are too heavy still has its properties, and a file that forbids
	// copying has no text for us.
	out, _, err = run(ctx, l, nil, nil, p.text, "-q", "-enc", "UTF-8", "-bbox-layout", "-l", strconv.Itoa(o.MaxPages), name, "-")
	if err != nil && ctx.Err() != nil {
		return content{}, err
	}
	c.Lines, c.Height = parseLayout(out)
	return c, nil
}

// parseInfo reads the answer of pdfinfo. A text of the Info dictionary may hold line
// breaks and look like more of the answer: what it says comes first, so of the
// dictionary the first and of the rest the last one counts.
func parseInfo(s string) content {
	c := content{Info: map[string]string{}}
	for line := range strings.Lines(strings.ToValidUTF8(s, "\ufffd")) {
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok {
			continue
		}
		switch key {
		case "Title", "Subject", "Keywords", "Author", "Creator", "Producer", "CreationDate", "ModDate":
			if _, seen := c.Info[key]; !seen {
				c.Info[key] = value
			}
		case "Pages":
			c.Pages, _ = strconv.Atoi(value)
		case "Encrypted":
			c.Encrypted = strings.HasPrefix(value, "yes")
		case "PDF version":
			c.Version = value
		}
	}
	return c
}

// parseLayout reads the XHTML of pdftotext -bbox-layout. It is read tag by tag: texts of
// damaged fonts make it no XML at all. The height is that of the first page.
func parseLayout(b []byte) (lines []printed, height float64) {
	page := 0
	var words []box
	for raw := range bytes.Lines(b) {
		s := strings.TrimSpace(string(raw))
		switch {
		case strings.HasPrefix(s, "<page "):
			if page++; page == 1 {
				height, _ = strconv.ParseFloat(attribute(s, "height"), 64)
			}
		case strings.HasPrefix(s, "<word "):
			if w, ok := parseWord(s); ok {
				words = append(words, w)
			}
		case strings.HasPrefix(s, "</line"):
			if l, ok := joinWords(words); ok && len(lines) < maxLines {
				l.Page = page
				lines = append(lines, l)
			}
			words = words[:0]
		}
	}
	return lines, height
}

// box is one word with its place.
type box struct {
	left, top, right, bottom float64
	text                     string
}

func parseWord(s string) (box, bool) {
	open := strings.IndexByte(s, '>')
	end := strings.LastIndex(s, "</word>")
	if open < 0 || end < open {
		return box{}, false
	}
	w := box{text: strings.ToValidUTF8(html.UnescapeString(s[open+1:end]), "\ufffd")}
	for name, to := range map[string]*float64{"xMin": &w.left, "yMin": &w.top, "xMax": &w.right, "yMax": &w.bottom} {
		var err error
		if *to, err = strconv.ParseFloat(attribute(s[:open], name), 64); err != nil {
			return box{}, false
		}
	}
	return w, true
}

func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// joinWords makes a line of its words. A number set apart from the rest by more than a
// space is that of a section or page, no part of the line. Text that runs up the page is
// left out: it is the stamp of an archive.
func joinWords(words []box) (printed, bool) {
	if len(words) > 1 && isNumber(words[0].text) && words[1].left-words[0].right > 0.6*(words[0].bottom-words[0].top) {
		words = words[1:]
	}
	var b strings.Builder
	l, letters := printed{}, 0
	for i, w := range words {
		height := w.bottom - w.top
		if utf8.RuneCountInString(w.text) > 2 && height > 2*(w.right-w.left) {
			return printed{}, false
		}
		switch {
		case i == 0:
			l = printed{Left: w.left, Top: w.top}
		case w.left-l.Right > 0.03*height || w.left < l.Right-height: // else one word in two fonts
			b.WriteByte(' ')
		}
		// Signs, flags and initials are often drawn larger than the words beside them.
		if n := min(countLetters(w.text), 3); n > letters {
			letters, l.Size = n, height
		} else if n == letters {
			l.Size = max(l.Size, height)
		}
		l.Right = max(l.Right, w.right)
		b.WriteString(w.text)
		if b.Len() > maxLineLen {
			break
		}
	}
	l.Text = b.String()
	return l, len(words) > 0 && l.Size > 0
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789.") == "" }
