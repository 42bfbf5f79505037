package gate

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ctiphub/catalog"
)

// Limits are how much a client may ask for. The zero Limits are the defaults.
type Limits struct {
	Off            bool     `yaml:"off,omitempty" jsonschema:"description=No budgets at all, where something before the hub keeps them"`
	PerMinute      int      `yaml:"per_minute,omitempty" jsonschema:"minimum=1,description=Requests of programs that one client may make a minute (1200 when absent)"`
	Burst          int      `yaml:"burst,omitempty" jsonschema:"minimum=1,description=Requests that it may make at once after a pause (600 when absent)"`
	Consumers      int      `yaml:"consumers_per_minute,omitempty" jsonschema:"minimum=1,description=The same for consumers with a key (6000 when absent)"`
	AtOnce         int      `yaml:"at_once,omitempty" jsonschema:"minimum=1,description=Requests of one client that are answered at the same time (16 when absent)"`
	TrustedProxies []string `yaml:"trusted_proxies,omitempty" jsonschema:"description=Proxies before the hub as CIDR prefixes; only of these X-Forwarded-For is believed"`
}

// Validate says what is wrong with the limits.
func (l Limits) Validate() error {
	for name, n := range map[string]int{"per_minute": l.PerMinute, "burst": l.Burst, "consumers_per_minute": l.Consumers, "at_once": l.AtOnce} {
		if n < 0 {
			return fmt.Errorf("limits.%s: %d is not a number of requests", name, n)
		}
	}
	_, err := l.proxies()
	return err
}

func (l Limits) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, s := range l.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("limits.trusted_proxies: %q is not a CIDR prefix such as 10.0.0.0/8", s)
		}
		list = append(list, p)
	}
	return list, nil
}

// withDefaults fills in what is absent.
func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		n    *int
		want int
	}{{&l.PerMinute, 1200}, {&l.Burst, 600}, {&l.Consumers, 6000}, {&l.AtOnce, 16}} {
		if *d.n == 0 {
			*d.n = d.want
		}
	}
	return l
}

// mostClients are remembered at a time; whoever asked longest ago is forgotten first.
const mostClients = 20_000

// clients are the budgets of those who asked lately.
type clients struct {
	limits  Limits
	proxies []netip.Prefix
	secret  [32]byte // of this process: the hashes are of no use to anybody else

	mu     sync.Mutex
	byName map[string]*list.Element
	recent *list.List // of *client, the latest first
}

type client struct {
	name   string
	budget *rate.Limiter
	atWork int
}

func newClients(l Limits) *clients {
	c := &clients{limits: l.withDefaults(), byName: map[string]*list.Element{}, recent: list.New()}
	c.proxies, _ = l.proxies() // validated with the configuration
	rand.Read(c.secret[:])     // never fails: it ends the program instead
	return c
}

// nameOf is what a client is remembered by: the consumer, or a keyed hash of the network that
// the request comes from.
func (c *clients) nameOf(r *http.Request, consumer string) string {
	if consumer != "" {
		return "consumer " + consumer
	}
	mac := hmac.New(sha256.New, c.secret[:])
	mac.Write([]byte(network(c.address(r)).String()))
	return string(mac.Sum(nil)[:16])
}

// Address returns the address of the client of a request, as the gate understands it.
func (g *Gate) Address(r *http.Request) netip.Addr { return g.clients.address(r) }

// address is that of the client: of the peer, or the last one before the trusted proxies that
// the request came through.
func (c *clients) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && c.trusted(addr); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = before.Unmap()
	}
	return addr
}

func (c *clients) trusted(a netip.Addr) bool {
	for _, p := range c.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// network is the part of an address that one client can hardly leave.
func network(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 56
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all of those share a budget
	}
	return p
}

// enter takes a request off the budget of a client. leave is to be called when it was answered;
// it is nil when the client has to wait.
func (c *clients) enter(name string, consumer catalog.Consumer, now time.Time) (leave func(), wait time.Duration) {
	if c.limits.Off {
		return func() {}, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.of(name, consumer)
	if one.atWork >= c.limits.AtOnce {
		return nil, time.Second
	}
	take := one.budget.ReserveN(now, 1)
	if wait = take.DelayFrom(now); wait > 0 {
		take.CancelAt(now)
		return nil, wait
	}
	one.atWork++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		one.atWork--
	}, 0
}

// of returns what is known of a client, and forgets another one for it.
func (c *clients) of(name string, consumer catalog.Consumer) *client {
	if e, ok := c.byName[name]; ok {
		c.recent.MoveToFront(e)
		return e.Value.(*client)
	}
	perMinute, burst := c.limits.PerMinute, c.limits.Burst
	if consumer.ID != "" {
		perMinute, burst = c.limits.Consumers, max(burst, c.limits.Consumers/2)
		if consumer.PerMinute > 0 {
			perMinute, burst = consumer.PerMinute, max(1, consumer.PerMinute/2)
		}
	}
	one := &client{name: name, budget: rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst)}
	c.byName[name] = c.recent.PushFront(one)
	if c.recent.Len() > mostClients {
		last := c.recent.Back()
		c.recent.Remove(last)
		delete(c.byName, last.Value.(*client).name)
	}
	return one
}
