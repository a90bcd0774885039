package edge

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"zoomgraph/internal/origin"
)

// origins are the web origins that may call /graphql, over every transport. They are spelled as browsers spell them.
type origins struct {
	public string   // the service's own, by its public address; "" is none
	others []string // that the operator allows
	check  *http.CrossOriginProtection
}

// trustedOrigins reads them from the options, and with them the path below which browsers see the service.
func trustedOrigins(o Options) (_ origins, below string, _ error) {
	trusted := origins{check: http.NewCrossOriginProtection()}
	if o.PublicURL != "" {
		var ok bool
		if trusted.public, below, ok = origin.Split(o.PublicURL); !ok {
			return origins{}, "", errors.New("public address: write it as https://host or https://host/path")
		}
	}
	for _, allowed := range o.AllowedOrigins {
		if strings.Contains(allowed, "*") {
			return origins{}, "", fmt.Errorf("allowed origin %q: write each origin in full", allowed)
		}
		folded, ok := origin.Fold(allowed)
		if !ok {
			return origins{}, "", fmt.Errorf("allowed origin %q: write it as https://host or https://host:port", allowed)
		}
		if !slices.Contains(trusted.others, folded) {
			trusted.others = append(trusted.others, folded)
		}
	}
	for _, one := range trusted.all() {
		if err := trusted.check.AddTrustedOrigin(one); err != nil {
			return origins{}, "", fmt.Errorf("origin %q: %w", one, err)
		}
	}
	return trusted, below, nil
}

func (o origins) all() []string {
	if o.public == "" {
		return o.others
	}
	return append([]string{o.public}, o.others...)
}

// letThrough is the standard check of a POST, also for a GET: a query changes nothing, but it costs Zoom calls.
func (o origins) letThrough(r *http.Request) bool {
	if r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return true // it is no page's, or one of a browser that tells nothing, which the check lets through
	}
	post := *r
	post.Method = http.MethodPost
	if from := r.Header.Values("Origin"); len(from) == 1 {
		if folded, ok := origin.Fold(from[0]); ok {
			post.Header = r.Header.Clone()
			post.Header.Set("Origin", folded)
			scheme, _, _ := strings.Cut(folded, "://")
			post.Host = origin.Host(scheme, r.Host)
		}
	}
	return o.check.Check(&post) == nil
}

// mayConnect tells whether a socket is asked for by no page at all, by one of the service's own, or by one that is
// allowed. The origin "null" is that of pages without one.
func (o origins) mayConnect(r *http.Request) bool {
	from := r.Header.Values("Origin")
	if len(from) == 0 {
		return true
	}
	folded, ok := origin.Fold(from[0])
	if len(from) > 1 || !ok {
		return false
	}
	scheme, host, _ := strings.Cut(folded, "://")
	return slices.Contains(o.all(), folded) || host == origin.Host(scheme, r.Host)
}

// from serves what browsers see below a path: whether the proxy in front has taken that path away or not.
func from(below string, next http.Handler) http.Handler {
	if below == "" {
		return next
	}
	stripped := http.StripPrefix(below, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == below: // relative addresses in the page count from its last slash
			to := *r.URL
			to.Scheme, to.Host, to.Path, to.RawPath = "", "", below+"/", ""
			w.Header().Set("Location", to.String())
			w.WriteHeader(http.StatusPermanentRedirect)
		case strings.HasPrefix(r.URL.Path, below+"/"):
			stripped.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
