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
	configured := hostOf(o.Addr)
	if o.Addr == "" || !loopback(configured) {
		return next
	}
	names := []string{configured}
	for _, origin := range append([]string{o.PublicURL}, o.AllowedOrigins...) {
		if u, err := url.Parse(origin); err == nil && u.Host != "" {
			names = append(names, strings.ToLower(u.Hostname()))
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		probe := r.URL.Path == "/livez" || r.URL.Path == "/readyz"
		if host := hostOf(r.Host); !probe && !loopback(host) && !slices.Contains(names, host) {
			plain(w, status(wrongHost, applicationJSON, false), "The Host header has a name that this service is not known by. While it listens on a loopback address, it answers to localhost, to loopback addresses, and to the hosts of --public-url and --allowed-origins.\n")
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
