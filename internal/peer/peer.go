// Package peer tells which address a request comes from, also behind proxies. Everything that goes by a client's address,
// such as limits and the log, asks it:
//
//	proxies := peer.Proxies{…} // of --trusted-proxies
//	from := proxies.Address(request)
//	limit := peer.Client(from)
package peer

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of proxies whose X-Forwarded-For is believed. Without any, a client's address is that of its
// connection.
type Proxies []Network

// Address is the address of the client that sent r; it is not valid where the connection has none.
//
// Each proxy writes the address it was called from behind what it received. So the header is read from its end, over as
// many trusted proxies as there are: the first address that is not trusted is the client's. What stands to the left of it
// the client may have made up. Behind an entry that is no address nothing is known, and the address of the proxy that
// passed it on counts. Forwarded (RFC 7239) is not read: a proxy that writes one header passes on the other unchecked.
func (p Proxies) Address(r *http.Request) netip.Addr {
	at, _ := parse(r.RemoteAddr)
	if !p.trust(at) {
		return at
	}
	for _, line := range slices.Backward(r.Header.Values("X-Forwarded-For")) {
		for entry, more := "", true; more; {
			line, entry, more = cutLast(line)
			if entry == "" { // a list may have empty places
				continue
			}
			next, ok := parse(entry)
			if !ok {
				return at
			}
			if at = next; !p.trust(at) {
				return at
			}
		}
	}
	return at
}

func (p Proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n Network) bool { return n.Contains(a) })
}

// cutLast takes the last entry off a list; more tells whether there are others before it.
func cutLast(list string) (rest, entry string, more bool) {
	comma := strings.LastIndexByte(list, ',')
	return list[:max(comma, 0)], strings.Trim(list[comma+1:], " \t"), comma >= 0
}

// parse reads an address, with or without a port, IPv6 with or without brackets.
func parse(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return plain(both.Addr()), true
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inner, "]"); !ok {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(text)
	return plain(a), err == nil
}

// plain is an address in its one spelling: IPv4 as itself, and no zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Client is what limits count by: an IPv4 address, and of IPv6 the network of 64 bits, in which one client has as many
// addresses as it likes.
func Client(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	prefix, _ := a.Prefix(bits) // of no address it is none
	return prefix
}

// Network is a range of addresses, or a single one.
type Network struct{ netip.Prefix }

// UnmarshalText reads an address or a network in CIDR form. The error repeats what is wrong.
func (n *Network) UnmarshalText(text []byte) error {
	given := strings.TrimSpace(string(text))
	if a, err := netip.ParseAddr(given); err == nil && a.Zone() == "" {
		a = plain(a)
		n.Prefix = netip.PrefixFrom(a, a.BitLen())
		return nil
	}
	p, err := netip.ParsePrefix(given)
	if err != nil {
		return fmt.Errorf("%q is neither an address nor a network; write 10.0.0.1, 10.0.0.0/8 or fd00::/8", given)
	}
	if mapped := p.Addr(); mapped.Is4In6() {
		if p.Bits() < 96 {
			return fmt.Errorf("%q holds more than IPv4 addresses; write IPv4 networks as 10.0.0.0/8", given)
		}
		p = netip.PrefixFrom(mapped.Unmap(), p.Bits()-96)
	}
	switch {
	case p.Bits() == 0:
		return fmt.Errorf("%q trusts everybody, so that anybody could name any address; write the networks of your proxies", given)
	case p != p.Masked():
		return fmt.Errorf("%q is an address within a network; write %s for the network, or %s for the address alone", given, p.Masked(), p.Addr())
	}
	n.Prefix = p
	return nil
}
