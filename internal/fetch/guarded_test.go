package fetch

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

var fast = Politeness{MinDelay: 1, IgnoreRobots: true}

func TestAddressesAsWritten(t *testing.T) {
	c := New(Options{UserAgent: "CTIPHub/1.0", Allow: prefixes("10.1.0.0/16")})
	defer c.Close()
	for address, want := range map[string]string{
		"http://127.0.0.1/": "not public", "http://[::1]/": "not public", "http://[::ffff:127.0.0.1]/": "not public",
		"http://169.254.169.254/latest/meta-data/": "not public", "http://[fd00:ec2::254]/": "not public",
		"http://[64:ff9b::a9fe:a9fe]/": "not public", "http://[2002:a00:1::]/": "not public",
		"http://100.64.0.1/": "not public", "http://224.0.0.1/": "not public", "http://10.2.0.1/": "not public",
		"http://2130706433/": "usual form", "http://0x7f000001/": "usual form", "http://0177.0.0.1/": "usual form",
		"http://0x7f.1/": "usual form", "http://127.1/": "usual form", "http://127.0.0.1./": "usual form", "http://a.example.0x/": "usual form",
		"http://user:secret@a.example/": "credentials", "http://user@a.example/": "credentials",
		"http://user:secret@a.example:x/":                    "absolute",
		"http://a.example/" + strings.Repeat("x", maxURL):    "longer than 8192 bytes",
		"http://a.example/?q=" + strings.Repeat("ก", maxURL): "longer than 8192 bytes",
		"javascript:alert(1)":                                "absolute", "file:///etc/passwd": "absolute", "gopher://a.example/": "absolute",
		"": "absolute", "/page": "absolute", "http://": "absolute", "http://a b/": "absolute", "http://[::1": "absolute",
	} {
		_, err := c.Get(t.Context(), Request{URL: address})
		if err == nil || Retryable(err) || !strings.Contains(err.Error(), want) || errors.Is(err, ErrPrivateAddress) != (want == "not public") {
			t.Errorf("%.60q: got %v, want %q", address, err, want)
			continue
		}
		if strings.Contains(err.Error(), "secret") || len(err.Error()) > 700 {
			t.Errorf("%.60q: says too much: %v", address, err)
		}
	}
	u, _ := url.Parse("http://10.1.2.3/")
	if err := c.judge(u); err != nil {
		t.Errorf("a range of the configuration: %v", err)
	}
}

func TestBadRedirects(t *testing.T) {
	for to, says := range map[string]string{
		"file:///etc/passwd": "not http or https", "javascript:alert(1)": "not http or https", "ftp://a.example/": "not http or https",
		"http://169.254.169.254/latest/": "not public", "http://[::ffff:10.0.0.1]/": "not public", "http://2130706433/": "usual form",
		"http://a.example:6379/": "port 6379", "http://b.example:22/": "port 22",
		"http://user:secret@b.example/": "credentials", "/" + strings.Repeat("x", maxURL): "longer than",
		"/page": "in a circle", "http://a.example/page": "in a circle",
	} {
		synctest.Test(t, func(t *testing.T) {
			w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(302, "Location", to)), "b.example": text("x")})
			_, err := c.Get(t.Context(), Request{URL: page})
			if err == nil || Retryable(err) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%.50s: got %v, want %q", to, err, says)
			}
			if errors.Is(err, ErrPrivateAddress) != (says == "not public") || w.count(page) != 1 {
				t.Errorf("%.50s: %d requests, %v", to, w.count(page), err)
			}
			// The host is free for the next one.
			if _, err := c.Get(t.Context(), Request{URL: "http://a.example/robots.txt"}); err == nil {
				t.Error("robots.txt was found")
			}
		})
	}
}

// changingDNS answers each question for an IPv4 address with the next one of a list, the
// last one for ever.
func changingDNS(t *testing.T, addresses ...string) *net.Resolver {
	var asked atomic.Int32
	answer := func(query []byte) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil {
			t.Errorf("DNS: %v", err)
			return nil
		}
		m.Header.Response = true
		m.Additionals = nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			a := netip.MustParseAddr(addresses[min(int(asked.Add(1))-1, len(addresses)-1)]).As4()
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type},
				Body:   &dnsmessage.AResource{A: a},
			}}
		}
		packed, err := m.Pack()
		if err != nil {
			t.Errorf("DNS: %v", err)
		}
		return packed
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			for {
				var size uint16
				if binary.Read(server, binary.BigEndian, &size) != nil {
					return
				}
				query := make([]byte, size)
				if _, err := io.ReadFull(server, query); err != nil {
					return
				}
				a := answer(query)
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

// TestRebinding lets a name lead to a permitted address first (127.0.0.1 stands for a public
// one) and then to a private one, with nothing of the first answer remembered.
func TestRebinding(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if r.URL.Path == "/hop" {
			http.Redirect(w, r, "/inside", http.StatusFound)
			return
		}
		fmt.Fprint(w, "public")
	}))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	for path, addresses := range map[string][]string{
		"/":    {"127.0.0.1", "127.0.0.2"},
		"/hop": {"127.0.0.1", "127.0.0.1", "10.0.0.1"},
	} {
		o := Options{UserAgent: "CTIPHub/1.0", Allow: prefixes("127.0.0.1/32")}
		dialer := newDialer(o)
		dialer.Resolver = changingDNS(t, addresses...)
		c := newClient(o, dialer.DialContext)
		host := "http://rebind.example:" + port
		if resp, err := c.Get(t.Context(), Request{URL: host + "/", Politeness: fast}); err != nil || string(resp.Body) != "public" {
			t.Fatalf("%s: first %v, %v", path, resp, err)
		}
		if _, err := c.Get(t.Context(), Request{URL: host + path, Politeness: fast}); !errors.Is(err, ErrPrivateAddress) || Retryable(err) {
			t.Errorf("%s: then %v, want the private address refused", path, err)
		}
		c.Close()
	}
}

// certificate makes one that signs itself.
func selfSigned(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// secure serves a handler over TLS and HTTP/2, and returns a client that reaches it under
// any name; trusted says whether the client knows the issuer.
func secure(t *testing.T, cert tls.Certificate, trusted bool, handler http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewUnstartedServer(handler)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = quietLog
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c := newClient(Options{UserAgent: "CTIPHub/1.0", MaxRetries: 1}, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	})
	t.Cleanup(c.Close)
	if base := c.http.Transport.(*transport).base; trusted {
		pool := x509.NewCertPool()
		pool.AddCert(cert.Leaf)
		base.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return c
}

func TestCertificates(t *testing.T) {
	soon, past := time.Now().Add(time.Hour), time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		cert    tls.Certificate
		trusted bool
		says    string // "" if it is good
	}{
		"good":       {selfSigned(t, "a.example", soon), true, ""},
		"expired":    {selfSigned(t, "a.example", past), true, "from 2026-01-29 to 2026-01-31"},
		"not known":  {selfSigned(t, "a.example", soon), false, "self-signed"},
		"wrong host": {selfSigned(t, "b.example", soon), true, `not made for the host "a.example"`},
	} {
		t.Run(name, func(t *testing.T) {
			hits := 0
			client := secure(t, c.cert, c.trusted, func(w http.ResponseWriter, r *http.Request) { hits++; fmt.Fprint(w, r.Proto) })
			resp, err := client.Get(t.Context(), Request{URL: "https://a.example/", Politeness: fast})
			if c.says == "" {
				if err != nil || string(resp.Body) != "HTTP/2.0" {
					t.Errorf("got %v, %v", resp, err)
				}
				return
			}
			if err == nil || Retryable(err) || !strings.Contains(err.Error(), c.says) || hits != 0 {
				t.Errorf("got %v after %d requests, want %q", err, hits, c.says)
			}
		})
	}
	if base := New(Options{}).http.Transport.(*transport).base; base.TLSClientConfig != nil && base.TLSClientConfig.InsecureSkipVerify {
		t.Error("certificates are not looked at")
	}
}

func TestHTTP2Resets(t *testing.T) {
	var hits atomic.Int32
	c := secure(t, selfSigned(t, "a.example", time.Now().Add(time.Hour)), true, func(w http.ResponseWriter, r *http.Request) {
		switch n := hits.Add(1); {
		case r.URL.Path == "/always" || n == 1:
			panic(http.ErrAbortHandler) // a reset before the head
		case n == 2:
			fmt.Fprint(w, "part")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler) // a reset within the body
		}
		fmt.Fprint(w, "whole")
	})
	if _, err := c.Get(t.Context(), Request{URL: "https://a.example/always", Politeness: fast}); err == nil || !Retryable(err) || hits.Load() != 2 {
		t.Errorf("for ever: %v after %d requests", err, hits.Load())
	}
	hits.Store(1)
	if resp, err := c.Get(t.Context(), Request{URL: "https://a.example/", Politeness: fast}); err != nil || string(resp.Body) != "whole" {
		t.Errorf("once: %v, %v", resp, err)
	}
}
