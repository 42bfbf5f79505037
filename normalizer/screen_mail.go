package normalizer

import (
	"regexp"
	"strings"
)

// mailAddress also reads what is written so that programs do not see it: "name [at] host
// [dot] org".
var mailAddress = regexp.MustCompile(`(?i)([\p{L}\p{N}\p{M}._%+-]+)\s?(?:@|%40|[\[({<]\s?(?:at|@|a còng|arroba)\s?[\])}>]|\sat\s)\s?([\p{L}\p{N}-]+(?:\s?(?:[\[({<]\s?(?:dot|chấm|titik|ponto|\.)\s?[\])}>]|\sdot\s|\.)\s?[\p{L}\p{N}-]+)+)`)

// roleBoxes are mailboxes of offices, not of people.
var roleBoxes = map[string]bool{
	"info": true, "contact": true, "office": true, "admin": true, "media": true, "press": true, "secretariat": true, "enquiries": true, "inquiry": true,
	"inquiries": true, "hotline": true, "help": true, "helpline": true, "support": true, "mail": true, "publications": true, "webmaster": true, "editor": true,
	"communications": true, "general": true, "hello": true, "feedback": true, "humas": true, "vanthu": true, "saraban": true, "library": true, "unodc": true,
}

// mailSigns are what every way of writing a mail address has one of.
var mailSigns = []string{"@", "[at]", "(at)", "{at}", "<at>", " dot ", " DOT ", "[dot]", "(dot)", "%40", "[a còng]", "(a còng)", "[AT]", "(AT)", "[ at ]", "( at )"}

func hasMailSign(s string) bool { return containsAny(s, mailSigns) }

// personalMail reports an e-mail address that is not a role mailbox.
func personalMail(s string) bool {
	for _, m := range mailAddress.FindAllStringSubmatch(s, -1) {
		low := strings.ToLower(m[0])
		if strings.Contains(low, " at ") && !strings.Contains(low, "dot") && !strings.ContainsAny(low, "[({<") {
			continue // "at noon.": the words of a sentence
		}
		if !roleBoxes[strings.ToLower(strings.Trim(m[1], ".-_"))] {
			return true
		}
	}
	return false
}

var (
	accountName = regexp.MustCompile(`^(?:\s?(?i:id|account|username|tài khoản|号|號))?\s?(?:(?:is|:|=|号)\s?)?(?:(?i:live):)?@?[\p{L}\p{N}._-]*[\d@_.][\p{L}\p{N}._-]*`)
	accountSign = regexp.MustCompile(`[\p{L}][\p{L}.]*[_\d]|\d+[\p{L}_]|@[\p{L}]{3}|live:`)
)

// messenger reports the name of an account by which one person is reached: behind a word
// for the messenger a sign that a name follows, and a name that is no plain word.
func (r *reading) messenger() bool {
	for _, c := range r.cues {
		if c.kinds&cueMessenger == 0 {
			continue
		}
		rest := r.s[c.end:min(len(r.s), c.end+48)]
		if r.s[c.end-1] == '/' { // an address: "t.me/name"
			if c.kinds&cuePhone == 0 && personalPage(r.s[c.start:c.end], rest) {
				return true
			}
			continue
		}
		m := accountName.FindString(rest)
		if m == "" || !accountSign.MatchString(m) && !strings.Contains(m, "@") {
			continue
		}
		marked := strings.ContainsAny(m, ":=@") || strings.HasSuffix(strings.ToLower(r.s[c.start:c.end]), "id") || strings.Contains(r.s[c.start:c.end], "ไอดี") || strings.ContainsAny(m, "号號") || strings.HasSuffix(r.s[c.start:c.end], "号")
		if marked {
			return true
		}
	}
	return false
}

// personalPage tells the page of a person from that of a body: by a number to dial, a year,
// or a name in parts. Bodies have pages too, and most links are to theirs.
func personalPage(site, name string) bool {
	end := strings.IndexFunc(name, func(c rune) bool { return c <= ' ' || c == '/' || c == '?' || c == ')' || c == ',' })
	if end >= 0 {
		name = name[:end]
	}
	switch strings.ToLower(site) {
	case "wa.me/", "t.me/", "line.me/", "m.me/", "zalo.me/":
		return name != ""
	}
	return strings.Contains(name, ".") && strings.ContainsAny(name, "0123456789") && !strings.Contains(name, ".php")
}
