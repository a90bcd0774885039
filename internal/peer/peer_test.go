package peer_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"zoomgraph/internal/peer"
)

func proxies(t testing.TB, list ...string) peer.Proxies {
	t.Helper()
	all := make(peer.Proxies, len(list))
	for i, text := range list {
		if err := all[i].UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestAddress(t *testing.T) {
	t.Parallel()
	trusted := proxies(t, "10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1", "::ffff:172.16.0.0/108")
	for _, tt := range []struct {
		name    string
		trusted peer.Proxies
		remote  string
		lines   []string
		want    string
	}{
		{"nothing is trusted", nil, "10.0.0.1:80", []string{"1.2.3.4"}, "10.0.0.1"},
		{"no proxy", trusted, "1.2.3.4:5", nil, "1.2.3.4"},
		{"a header of no proxy", trusted, "1.2.3.4:5", []string{"6.6.6.6"}, "1.2.3.4"},
		{"one proxy", trusted, "10.0.0.1:80", []string{"1.2.3.4"}, "1.2.3.4"},
		{"a proxy that says nothing", trusted, "10.0.0.1:80", nil, "10.0.0.1"},
		{"what the client made up", trusted, "10.0.0.1:80", []string{"6.6.6.6, 10.0.0.9, 1.2.3.4"}, "1.2.3.4"},
		{"several proxies", trusted, "10.0.0.1:80", []string{"6.6.6.6, 1.2.3.4, 192.168.1.7,10.9.9.9"}, "1.2.3.4"},
		{"a neighbour of a trusted address", trusted, "10.0.0.1:80", []string{"1.2.3.4, 192.168.1.8"}, "192.168.1.8"},
		{"several lines", trusted, "10.0.0.1:80", []string{"6.6.6.6", "1.2.3.4", "10.0.0.2, 10.0.0.3"}, "1.2.3.4"},
		{"only proxies", trusted, "10.0.0.1:80", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"ports", trusted, "10.0.0.1:80", []string{"1.2.3.4:9999, 10.0.0.2:443"}, "1.2.3.4"},
		{"IPv6", trusted, "[fd00::1]:80", []string{"2001:db8::5"}, "2001:db8::5"},
		{"brackets", trusted, "[::1]:80", []string{"[2001:db8::5]"}, "2001:db8::5"},
		{"brackets and a port", trusted, "[::1]:80", []string{"[2001:db8::5]:123,[fd00::2]:9"}, "2001:db8::5"},
		{"a zone", trusted, "[fd00::1%eth0]:80", []string{"fe80::1%eth1"}, "fe80::1"},
		{"IPv4 in IPv6", trusted, "[::ffff:10.0.0.1]:80", []string{"::ffff:1.2.3.4, ::ffff:10.0.0.2"}, "1.2.3.4"},
		{"a network of IPv4 in IPv6", trusted, "172.16.0.1:80", []string{"1.2.3.4"}, "1.2.3.4"},
		{"no address", trusted, "10.0.0.1:80", []string{"1.2.3.4, unknown"}, "10.0.0.1"},
		{"no address behind a proxy", trusted, "10.0.0.1:80", []string{"1.2.3.4, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"a bracket that stays open", trusted, "10.0.0.1:80", []string{"[2001:db8::5"}, "10.0.0.1"},
		{"quotes", trusted, "10.0.0.1:80", []string{`"1.2.3.4"`}, "10.0.0.1"},
		{"empty places", trusted, "10.0.0.1:80", []string{"", " , 1.2.3.4 ,\t, 10.0.0.2,", ","}, "1.2.3.4"},
		{"thousands of entries", trusted, "10.0.0.1:80", []string{"1.2.3.4" + strings.Repeat(",10.0.0.2", 3000)}, "1.2.3.4"},
		{"no connection", trusted, "@", []string{"1.2.3.4"}, "invalid IP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.lines, "Forwarded": {"for=9.9.9.9"}}}
			if got := tt.trusted.Address(r).String(); got != tt.want {
				t.Errorf("the client is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"1.2.3.4": "1.2.3.4/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "::1": "::/64",
	} {
		if got := peer.Client(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
	if peer.Client(netip.Addr{}).IsValid() {
		t.Error("no address is a network")
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                  `""`,
		"proxy":             `"proxy" is neither`,
		"10.0.0.0/33":       `"10.0.0.0/33" is neither`,
		"10.0.0":            `"10.0.0" is neither`,
		"10.0.0.1:80":       `"10.0.0.1:80" is neither`,
		"fe80::1%eth0":      `"fe80::1%eth0" is neither`,
		"10.0.0.1/8":        "10.0.0.0/8 for the network, or 10.0.0.1 for the address",
		"0.0.0.0/0":         "trusts everybody",
		"::/0":              "trusts everybody",
		"::ffff:0.0.0.0/90": "more than IPv4",
		"::ffff:0:0/96":     "trusts everybody",
	} {
		var n peer.Network
		if err := n.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error that says %s", text, err, says)
		}
	}
	if got := proxies(t, " 10.0.0.1\t", "::ffff:10.0.0.0/104"); got[0].String() != "10.0.0.1/32" || got[1].String() != "10.0.0.0/8" {
		t.Errorf("read %v", got)
	}
}

// FuzzAddress: whatever is sent, the address is that of the connection unless a trusted proxy sent it.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"1.2.3.4", "[::1]:80, unknown", ",,", "[", "]", "::ffff:10.0.0.1%x", "10.0.0.1,\x00"} {
		f.Add("1.2.3.4:5", seed)
		f.Add("10.0.0.1:5", seed)
	}
	f.Fuzz(func(t *testing.T, remote, line string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {line}}}
		own := peer.Proxies(nil).Address(r)
		got := proxies(t, "10.0.0.0/8").Address(r)
		if inside := netip.MustParsePrefix("10.0.0.0/8").Contains(own); !inside && got != own {
			t.Errorf("%q with %q is %s", remote, line, got)
		}
		if got.Is4In6() || got.Zone() != "" {
			t.Errorf("%q with %q is %s", remote, line, got)
		}
	})
}
