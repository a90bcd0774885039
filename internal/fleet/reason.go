package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/redis/rueidis"

	"zoomgraph/internal/lazy"
)

// refusals say what to do about errors that begin with a word of Redis' own.
var refusals = map[string]string{
	"NOAUTH":      "it wants a password: give user and password in the URL",
	"WRONGPASS":   "user or password is wrong",
	"READONLY":    "it is a read-only replica: name the primary, or the Sentinels with ?master=NAME",
	"LOADING":     "it is still loading its data",
	"MASTERDOWN":  "it is a replica that has lost its primary",
	"CLUSTERDOWN": "the cluster does not serve all keys: look at cluster info",
	"OOM":         "it has no memory left: raise maxmemory, or let it evict keys",
	"MISCONF":     "it takes no writes because it cannot save them: look at its log",
	"MOVED":       "it is one of a cluster that has changed",
}

// forbidden finds the command in Redis' message that a user may not run it.
var forbidden = lazy.Regexp(`'([a-z]+(?:\|[a-z-]+)?)' command`)

// reason says in a few words why Redis cannot be asked, and what to do. Addresses, names and what else Redis repeats are
// left out: they may be secret.
func reason(err error) string {
	var refused *rueidis.RedisError
	switch {
	case errors.Is(err, errLost), errors.Is(err, errClosed), errors.Is(err, errSentinel), errors.Is(err, errHandshake), errors.Is(err, errScript):
		return err.Error()
	case errors.As(err, &refused):
		return refusal(refused.Error())
	case errors.Is(err, rueidis.ErrNoCache):
		return refusal(err.Error())
	}
	return unreachable(err)
}

// refusal explains an answer of Redis that is an error.
func refusal(text string) string {
	word, _, _ := strings.Cut(text, " ")
	has := func(part string) bool { return strings.Contains(strings.ToLower(text), part) }
	switch {
	case has("this command or subcommand"):
		return "its user may not run a command that a script needs (NOPERM): see the ACL in deploy/README.md"
	case word == "NOPERM":
		if found := forbidden().FindStringSubmatch(text); found != nil {
			return "its user may not run " + found[1] + " (NOPERM): see the ACL in deploy/README.md"
		}
		return "its user may not use keys that begin with " + schema + " (NOPERM): see the ACL in deploy/README.md"
	case has("no such master"):
		return "the Sentinels know no server of the name behind ?master="
	case has("db index is out of range"), has("select is not allowed"):
		return "it has no database of that number: change the number in the URL"
	case has("client tracking"), has("unknown subcommand"), has("unknown command"):
		return "the server is too old: Redis 7 or Valkey is needed"
	}
	if known, ok := refusals[word]; ok {
		return known + " (" + word + ")"
	}
	if word != strings.ToUpper(word) {
		word = "ERR" // the client leaves it out
	}
	return "it refused: " + word
}

// unreachable explains why there is no connection.
func unreachable(err error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
		plain     tls.RecordHeaderError
		network   net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "DNS knows no host of the name in the URL"
	case errors.As(err, &dns):
		return "DNS does not answer for the host in the URL"
	case errors.As(err, &authority):
		return "TLS: its certificate is signed by an authority that is not trusted: name the authority's with --redis-ca-file"
	case errors.As(err, &name):
		return "TLS: its certificate is for another host than the one in the URL"
	case errors.As(err, &invalid):
		return "TLS: its certificate is not valid, or not any more"
	case errors.As(err, &plain):
		return errHandshake.Error()
	case errors.As(err, &alert):
		return "TLS: the server refuses the connection (" + strings.TrimPrefix(alert.Error(), "tls: ") + ")"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused: nothing listens at the address in the URL"
	case errors.Is(err, fs.ErrNotExist):
		return "there is no socket at the path in the URL"
	case errors.Is(err, fs.ErrPermission):
		return "the service may not open the socket"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the host in the URL"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server closes the connection; one that wants TLS does so: write rediss://"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	}
	return "no connection"
}
