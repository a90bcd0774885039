package signin

import (
	"errors"
	"net/url"
	"path"
	"strings"
)

const maxReturn = 2 << 10

// checkReturn returns the path to go back to after signing in: a path of this service with a query, never something
// that a browser could read as another host. "" is the front page. Below a path of the public address, to may begin with
// that path or not.
func (s *Service) checkReturn(to string) (string, error) {
	if rest, found := strings.CutPrefix(to, s.below+"/"); found {
		to = "/" + rest
	}
	if to == "" {
		return "/", nil
	}
	wrong := errors.New("return must be a path of this service, such as /?view=users: it begins with one slash, and has neither backslashes nor control characters")
	odd := func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }
	if len(to) > maxReturn || to[0] != '/' || strings.HasPrefix(to, "//") || strings.ContainsFunc(to, odd) {
		return "", wrong
	}
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "", wrong
	}
	if read := path.Clean(u.Path); strings.HasPrefix(read, Path) || strings.HasPrefix(read, SignOutPath) { // dots count for browsers
		return "", errors.New("return leads to signing in or out itself; it must be another path of this service")
	}
	return to, nil
}

// withError is a return path that tells why signing in came to nothing.
func withError(to string, why Failure) string {
	u, err := url.Parse(to)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	query := u.Query()
	query.Set(FailureParameter, string(why))
	u.RawQuery = query.Encode()
	return u.String()
}
