package edge

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// knownHosts refuses requests to a name that is not this machine's, while the service listens on a loopback address: a
// page whose own name is made to lead here would count as of the same origin. Probes may call it what they like.
func knownHosts(o Options, next http.Handler) http.Handler {
	var names []string
	for _, origin := range append([]string{o.PublicURL}, o.AllowedOrigins...) {
		if u, err := url.Parse(origin); err == nil && u.Host != "" {
			names = append(names, strings.ToLower(u.Hostname()))
		}
	}
	const told = "The Host header has a name that this service is not known by. While it listens on a loopback address, it answers to localhost, to loopback addresses, and to the hosts of --public-url and --allowed-origins.\n"
	known := onlyHosts(o.Addr, names, told, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/livez" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		known.ServeHTTP(w, r)
	})
}

// onlyHosts refuses, by what it is told to say, requests to a host that is neither of this machine nor one of names, while
// addr is a loopback address.
func onlyHosts(addr string, names []string, told string, next http.Handler) http.Handler {
	configured := hostOf(addr)
	if addr == "" || !loopback(configured) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r.Host); host != configured && !loopback(host) && !slices.Contains(names, host) {
			plain(w, status(wrongHost, applicationJSON, false), told)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is the name or address in a host with or without a port, in lower case.
func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
