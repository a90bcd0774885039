// Package origin writes web origins as browsers do, so that they can be compared:
//
//	origin.Fold("HTTPS://Zoom.Example.com:443") // "https://zoom.example.com", true
//	origin.Split("https://example.com/zoomgraph/") // "https://example.com", "/zoomgraph", true
package origin

import (
	"net/url"
	"path"
	"strings"
)

// Fold is an origin with its scheme and host in lower case and without the port that its scheme has anyway. It is false
// for what is no http or https origin, such as "null" or an address with a path.
func Fold(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#") {
		return "", false
	}
	return of(u)
}

// Split cuts the address of a service into its origin and the path below which it is, "" if that is the root. It is false
// for what is no such address: one with a user, a query or a fragment, or with a path that browsers would change.
func Split(address string) (origin, below string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(address, "#") {
		return "", "", false
	}
	below = strings.TrimSuffix(u.Path, "/")
	if below != "" && (below == "/" || path.Clean(below) != below || u.EscapedPath() != u.Path) {
		return "", "", false
	}
	origin, ok = of(u)
	return origin, below, ok
}

// Host folds the host of a request that is compared with an origin of that scheme.
func Host(scheme, host string) string {
	return strings.TrimSuffix(strings.ToLower(host), usualPort(scheme))
}

func of(u *url.URL) (string, bool) {
	scheme := strings.ToLower(u.Scheme)
	if scheme != "https" && scheme != "http" || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	return scheme + "://" + strings.TrimSuffix(Host(scheme, u.Host), ":"), true
}

func usualPort(scheme string) string {
	if scheme == "https" {
		return ":443"
	}
	return ":80"
}
