package fetch

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// special lists what IANA's special-purpose registries keep out of the public Internet,
// and addresses of cloud machinery that answer with credentials.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's host agent: looks public, is not
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
	"fc00::/7", "fe80::/9", "ff00::/8",
)

// translated are ranges whose addresses carry an IPv4 address at the given byte.
var translated = map[netip.Prefix]int{
	netip.MustParsePrefix("64:ff9b::/96"): 12, // NAT64
	netip.MustParsePrefix("2002::/16"):    2,  // 6to4
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, s := range texts {
		list[i] = netip.MustParsePrefix(s)
	}
	return list
}

// guard refuses connections to addresses that are not public.
type guard struct{ allow []netip.Prefix }

// control runs after the name was resolved and before the connection is made, for every
// address that is tried: a name that resolves to something else the second time gains
// nothing.
func (g guard) control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("network %s: %w", network, ErrPrivateAddress)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, ErrPrivateAddress)
	}
	if !g.permits(ap.Addr()) {
		return fmt.Errorf("%s: %w", ap.Addr(), ErrPrivateAddress)
	}
	return nil
}

// permits reports whether an address may be visited.
func (g guard) permits(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if g.allows(a) {
		return true
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	for p, at := range translated {
		if p.Contains(a) {
			b := a.As16()
			inner, _ := netip.AddrFromSlice(b[at : at+4])
			return g.permits(inner)
		}
	}
	return a.IsValid()
}

// allows reports whether the configuration names a range with the address.
func (g guard) allows(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(a) })
}
