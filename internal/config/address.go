package config

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"zoomgraph/internal/origin"
)

// This file implements that Zoom's two addresses fit each other: that of the API, and that of the OAuth service which
// gives the tokens for it. Where one is given the other one follows, or it is asked for; start reading at fitAddresses.

const (
	apiPath   = "/v2"
	oauthPath = "/oauth"
)

// zoomDomains are Zoom's own: each has an API and an OAuth service, and tokens of one are worth nothing at the other.
func zoomDomains() []string { return []string{"zoom.us", "zoomgov.com"} }

// zoomDomain is the domain of Zoom's that a host is in; "" is none.
func zoomDomain(host string) string {
	for _, domain := range zoomDomains() {
		if strings.HasSuffix("."+strings.ToLower(host), "."+domain) {
			return domain
		}
	}
	return ""
}

// fitAddresses completes both addresses, and refuses those that cannot work together.
func (z *Zoom) fitAddresses(src *sources) error {
	const api, oauth = "zoom-api-url", "zoom-oauth-url"
	apiURL, err := checkAPI(z.APIURL)
	if err != nil {
		return fmt.Errorf("%s: %w", src.name(api), err)
	}
	oauthURL, err := checkOAuth(z.OAuthURL)
	if err != nil {
		return fmt.Errorf("%s: %w", src.name(oauth), err)
	}
	switch {
	case src.given[api] && !src.given[oauth]:
		if oauthURL, err = oauthOf(apiURL); err != nil {
			return fmt.Errorf("%s: %w", src.name(api), err)
		}
	case src.given[oauth] && !src.given[api]:
		if apiURL, err = apiOf(oauthURL); err != nil {
			return fmt.Errorf("%s: %w", src.name(oauth), err)
		}
	}
	if a, o := zoomDomain(apiURL.Hostname()), zoomDomain(oauthURL.Hostname()); a != "" && o != "" && a != o {
		return fmt.Errorf("%s and %s do not fit: %s takes no tokens of %s; leave one of the two out, and it follows from the other", src.name(api), src.name(oauth), a, o)
	}
	z.APIURL, z.OAuthURL = apiURL.String(), oauthURL.String()
	return nil
}

// oauthOf is where tokens for an API come from.
func oauthOf(api *url.URL) (*url.URL, error) {
	if domain := zoomDomain(api.Hostname()); domain != "" {
		return &url.URL{Scheme: "https", Host: domain, Path: oauthPath}, nil
	}
	if isLoopback(api.Hostname()) { // as the embedded Zoom has it
		return &url.URL{Scheme: api.Scheme, Host: api.Host, Path: strings.TrimSuffix(api.Path, apiPath) + oauthPath}, nil
	}
	return nil, errors.New("is not Zoom's own address, so it cannot be told where its tokens come from; give --zoom-oauth-url as well, such as https://zoom.us/oauth")
}

// apiOf is the API that tokens are for.
func apiOf(oauth *url.URL) (*url.URL, error) {
	if domain := zoomDomain(oauth.Hostname()); domain != "" {
		return &url.URL{Scheme: "https", Host: "api." + domain, Path: apiPath}, nil
	}
	if isLoopback(oauth.Hostname()) {
		return &url.URL{Scheme: oauth.Scheme, Host: oauth.Host, Path: strings.TrimSuffix(oauth.Path, oauthPath) + apiPath}, nil
	}
	return nil, errors.New("is not Zoom's own address, so it cannot be told which API its tokens are for; give --zoom-api-url as well, such as https://api.zoom.us/v2")
}

// checkAPI completes the address of an API, which ends in its version.
func checkAPI(raw string) (*url.URL, error) {
	u, err := baseURL(raw, "https://api.zoom.us/v2")
	if err != nil {
		return nil, err
	}
	if u.Path == "" {
		u.Path = apiPath
	}
	domain := zoomDomain(u.Hostname())
	first, _, _ := strings.Cut(u.Hostname(), ".")
	switch {
	case domain != "" && first != "api" && !strings.HasPrefix(first, "api-"):
		return nil, fmt.Errorf("is not the host of Zoom's API; write https://api.%s/v2", domain)
	case domain != "" && u.Path != apiPath:
		return nil, fmt.Errorf("has another path than Zoom's API; write https://%s/v2", u.Host)
	case !strings.HasSuffix(u.Path, apiPath):
		return nil, errors.New("does not end in /v2, below which Zoom's API is; without it no user would be found. Write it behind the address")
	}
	return u, nil
}

// checkOAuth completes the address of an OAuth service. Documents of Zoom name those of its /token and /authorize, so these
// are taken as well.
func checkOAuth(raw string) (*url.URL, error) {
	u, err := baseURL(raw, "https://zoom.us/oauth")
	if err != nil {
		return nil, err
	}
	for _, end := range []string{"/token", "/authorize"} {
		u.Path = strings.TrimSuffix(u.Path, end)
	}
	if u.Path == "" {
		u.Path = oauthPath
	}
	domain := zoomDomain(u.Hostname())
	switch {
	case domain != "" && (strings.HasPrefix(u.Hostname(), "api.") || strings.HasPrefix(u.Hostname(), "api-") || u.Path != oauthPath):
		return nil, fmt.Errorf("is not the address of Zoom's OAuth service; write https://%s/oauth", domain)
	case strings.HasSuffix(u.Path, apiPath):
		return nil, errors.New("ends in /v2 like the API, and tokens come from the OAuth service; write its address, which ends in /oauth")
	}
	return u, nil
}

// baseURL reads an address that paths can be put behind: without closing slashes, with its host in lower case, and without the port that its scheme has anyway.
func baseURL(raw, example string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, fmt.Errorf("not an address; write a whole one, such as %s", example)
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", strings.Contains(raw, "#"):
		return nil, errors.New("an address here has a host and a path only: no user, query or fragment")
	case u.Scheme == "http" && zoomDomain(u.Hostname()) != "":
		return nil, errors.New("begins with http://, and Zoom is called by TLS only; write https://")
	}
	u.Host, u.Path = origin.Host(u.Scheme, u.Host), strings.TrimRight(u.Path, "/")
	if u.Path != "" && path.Clean(u.Path) != u.Path || u.EscapedPath() != u.Path {
		return nil, errors.New("has a path that is not plain: write it without dots, double slashes and percent signs")
	}
	return u, nil
}
