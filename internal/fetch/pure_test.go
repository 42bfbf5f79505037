package fetch

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"time"
)

func TestGuard(t *testing.T) {
	g := guard{allow: prefixes("10.1.0.0/16", "fd00:1::/32")}
	for address, want := range map[string]bool{
		"93.184.216.34:80": true, "[2606:2800:220:1::1]:443": true, "8.8.8.8:443": true,
		"10.1.2.3:80": true, "[fd00:1::5]:80": true, "[::ffff:10.1.2.3]:80": true, // allowed ranges
		"10.2.0.1:80": false, "172.16.0.1:80": false, "172.31.255.255:80": false, "172.32.0.1:80": true,
		"192.168.1.1:80": false, "127.0.0.1:80": false, "127.9.9.9:80": false, "0.0.0.0:80": false,
		"169.254.169.254:80": false, "168.63.129.16:80": false, "100.64.0.1:80": false, "100.100.100.200:80": false,
		"224.0.0.1:80": false, "255.255.255.255:80": false, "198.18.0.1:80": false, "192.0.2.1:80": false,
		"[::]:80": false, "[::1]:80": false, "[::127.0.0.1]:80": false, "[::ffff:127.0.0.1]:80": false,
		"[fe80::1%eth0]:80": false, "[fec0::1]:80": false, "[fd00:ec2::254]:80": false, "[ff02::1]:80": false,
		"[2001:db8::1]:80": false, "[2001::1]:80": false,
		"[64:ff9b::7f00:1]:80": false, "[64:ff9b::808:808]:80": true, // NAT64 of 127.0.0.1 and 8.8.8.8
		"[2002:7f00:1::]:80": false, "[2002:808:808::]:80": true, // 6to4 of the same
		"not an address": false, "127.0.0.1": false,
	} {
		err := g.control("tcp4", address, nil)
		if (err == nil) != want || err != nil && !errors.Is(err, ErrPrivateAddress) {
			t.Errorf("%s: got %v, want permitted %v", address, err, want)
		}
	}
	if err := g.control("udp4", "8.8.8.8:53", nil); err == nil {
		t.Error("other networks than TCP are permitted")
	}
	if g.permits(netip.Addr{}) {
		t.Error("the zero address is permitted")
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		" HTTP://WWW.Example.ORG:80/A/b?x=1#top ":         "http://www.example.org/A/b?x=1",
		"https://example.org:443":                         "https://example.org/",
		"https://example.org:8443/":                       "https://example.org:8443/",
		"https://example.org./a":                          "https://example.org/a",
		"https://example.org/a?":                          "https://example.org/a",
		"https://example.org/?utm_source=x&id=2&fbclid=y": "https://example.org/?id=2",
		"https://example.org/?id=2&amp;utm_medium=mail":   "https://example.org/?id=2",
		"https://example.org/?b=2&a=1&GCLID=z":            "https://example.org/?b=2&a=1",
		"https://example.org/p;jsessionid=AB12?x=1":       "https://example.org/p?x=1",
		"https://example.org/p;jsessionid=AB12/q":         "https://example.org/p/q",
		"https://example.org/p;v=2?PHPSESSID=1":           "https://example.org/p;v=2",
		"https://example.org/?sid=7&lang=th;x=1":          "https://example.org/?sid=7&lang=th;x=1", // may name the page
		"https://example.org/a%2fb/%e0%b8%81":             "https://example.org/a%2Fb/%E0%B8%81",
		"https://example.org/ข่าว?หน้า=1":                 "https://example.org/%E0%B8%82%E0%B9%88%E0%B8%B2%E0%B8%A7?%E0%B8%AB%E0%B8%99%E0%B9%89%E0%B8%B2=1",
		"https://ไทย.example/":                            "https://xn--o3cw4h.example/",
		"http://[2001:DB8::1]:80/x":                       "http://[2001:db8::1]/x",
	} {
		got, err := Canonical(in)
		if err != nil || got != want {
			t.Errorf("%q:\n got %q, %v\nwant %q", in, got, err, want)
		}
		if again, err := Canonical(got); err != nil || again != got {
			t.Errorf("%q is not stable: %q, %v", got, again, err)
		}
	}
	for _, in := range []string{"", "/a", "mailto:a@example.org", "javascript:void(0)", "http://", "http://a b/", "http://a.example/%zz"} {
		if got, err := Canonical(in); err == nil {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add("HTTP://A.example:80/x;jsessionid=1/y?utm_x=1&&b=%e0#f")
	f.Add("https://ไทย.example/%2F?a=%")
	f.Add("http://a.example/;jsessionid=;jsessionid=")
	f.Fuzz(func(t *testing.T, in string) {
		once, err := Canonical(in)
		if err != nil {
			return
		}
		if twice, err := Canonical(once); err != nil || twice != once {
			t.Errorf("%q became %q, then %q, %v", in, once, twice, err)
		}
	})
}

func FuzzReadBody(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"), "gzip")
	f.Add([]byte("\x78\x9c\x03\x00"), "deflate")
	f.Add([]byte("plain"), "identity, gzip")
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00\x1f\x8b\x08"), "gzip, deflate")
	f.Add([]byte{0x4b, 0x04, 0x00}, "deflate")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		const limit = 1 << 10
		out, err := readBody(bytes.NewReader(body), encoding, quota{limit: limit})
		if err == nil && len(out) > limit {
			t.Errorf("%d bytes came out", len(out))
		}
		if out, err = readBody(bytes.NewReader(body), encoding, quota{limit: limit, cut: true}); err == nil && len(out) > limit {
			t.Errorf("%d bytes came out of a truncated body", len(out))
		}
		if out, err = readBody(bytes.NewReader(body), encoding, quota{limit: limit, cut: true, part: true}); err == nil && len(out) > limit {
			t.Errorf("%d bytes came out of a part", len(out))
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, value := range []string{"", "120", " 1.5 ", "-1", "1e400", "NaN", "Wed, 01 Jul 2026 12:01:30 GMT", "Wednesday, 01-Jul-26 12:01:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if d := parseRetryAfter(value, now); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %s", value, d)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	for _, address := range []string{"http://127.0.0.1/", "http://0x7f.1/", "http://user:secret@a.example/", "//x@y", "http://[fe80::1%25eth0]/", "HTTP://a.example:65536/?#", "http://a.example./\n"} {
		f.Add(address)
	}
	c := New(Options{UserAgent: "CTIPHub/1.0"})
	f.Fuzz(func(t *testing.T, address string) {
		u, err := c.target(address)
		if text := shown(address); len(text) > maxShown+len("…") {
			t.Errorf("%q is shown as %q", address, text)
		}
		if err != nil {
			return
		}
		if u.User != nil || !webScheme(u) || u.Fragment != "" {
			t.Errorf("%q was let through as %q", address, u)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !c.guard.permits(ip) {
			t.Errorf("%q leads to %s", address, ip)
		}
	})
}
