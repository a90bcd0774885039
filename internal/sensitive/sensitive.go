// Package sensitive tells by its name what of Zoom's is a secret: passwords, keys, tokens. The schema says which of
// its fields are (@sensitive), and zoomgen writes the table of their names; it is for whatever holds JSON without a
// type, such as `raw`, or a log.
//
//	if sensitive.Name("pmi_password") && sensitive.Value(value) {
//		…
//	}
//
// Addresses hold secrets as well, by the names of their parameters:
//
//	sensitive.WithoutParameters("https://zoom.us/j/1?pwd=x&lang=de") // https://zoom.us/j/1?lang=de
package sensitive

import (
	"slices"
	"strings"
)

// Name tells whether Zoom's name is that of a secret: one that the schema marks, or one that it does not know and that
// looks like one. A path of names with dots is one where any of them is.
func Name(zoom string) bool {
	for name := range strings.SplitSeq(zoom, ".") {
		if slices.Contains(marked, name) || Looks(name) && !slices.Contains(innocent, name) {
			return true
		}
	}
	return false
}

// Value tells whether a JSON value under such a name can be a secret. A Boolean is not: it says that there has to be a
// password, or that one is locked.
func Value(json []byte) bool {
	switch string(json) {
	case "true", "false", "null", "":
		return false
	}
	return true
}

// Looks tells whether a name, Zoom's or the schema's, is like that of a secret. Whoever has the start_url of a meeting is
// its host.
func Looks(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	return slices.ContainsFunc(
		[]string{"password", "passwd", "passcode", "passphrase", "secret", "token", "credential", "hostkey", "apikey", "privatekey", "leaderpin", "hostpin", "starturl", "streamkey", "transfercode", "downloadurl"},
		func(part string) bool { return strings.Contains(name, part) },
	)
}
