package fleet

import (
	"bufio"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"zoomgraph/internal/redistest"
)

// answering is a server that gives the same answer to everything.
func answering(t *testing.T, answer string) (url string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				for lines := bufio.NewReader(conn); ; {
					line, err := lines.ReadString('\n')
					if err != nil || answer == "" {
						return
					}
					if line[0] == '*' { // one command
						if _, err := io.WriteString(conn, answer+"\r\n"); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return "redis://" + l.Addr().String()
}

// Each way not to reach a Redis has its own reason, and none shows an address, a name or a password.
func TestReasons(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("ACL SETUSER canary on >secret ~* &* +@all")
	srv.Do("ACL SETUSER nobody on >secret ~* +@all -client|tracking")
	srv.Do("ACL SETUSER keyless on >secret ~other/* +@all")
	srv.Do("ACL SETUSER scriptless on >secret ~* +@all -hmget")
	secured, tlsURL, ca := redistest.StartTLS(t)
	_ = secured
	watched := redistest.StartSentinel(t)
	as := func(user string) string { return strings.Replace(srv.URL(), "unix://", "unix://"+user+"@", 1) }
	for name, c := range map[string]struct{ url, want string }{
		"no socket":          {"unix:///nowhere/canary.sock", "no socket at the path"},
		"refused":            {"redis://127.0.0.1:" + redistest.Port(t), "connection refused"},
		"wrong password":     {as("canary:wrong"), "(WRONGPASS)"},
		"no such user":       {as("canaries:wrong"), "(WRONGPASS)"},
		"a command":          {as("nobody:secret"), "may not run client|tracking (NOPERM)"},
		"keys":               {as("keyless:secret"), "keys that begin with zoomgraph/1/ (NOPERM)"},
		"a script's command": {as("scriptless:secret"), "a command that a script needs (NOPERM)"},
		"no such database":   {srv.URL() + "?db=999", "no database of that number"},
		"an authority":       {tlsURL, "--redis-ca-file"},
		"another host":       {strings.Replace(tlsURL, "127.0.0.1", "localhost", 1), "TLS: "},
		"TLS is wanted":      {strings.Replace(tlsURL, "rediss", "redis", 1), "write rediss://"},
		"TLS is not there":   {strings.Replace(strings.TrimSuffix(watched.URL(), "?master=main"), "redis:", "rediss:", 1), "write redis://"},
		"loading":            {answering(t, "-LOADING canary is loading"), "(LOADING)"},
		"no primary":         {answering(t, "-MASTERDOWN canary"), "(MASTERDOWN)"},
		"no memory":          {answering(t, "-OOM canary"), "(OOM)"},
		"another refusal":    {answering(t, "-CANARY canary"), "it refused: CANARY"},
		"closed":             {answering(t, ""), "closes the connection"},
		"a Sentinel":         {strings.TrimSuffix(watched.URL(), "?master=main"), "this is a Sentinel"},
		"no such master":     {strings.Replace(watched.URL(), "=main", "=canary", 1), "no server of the name"},
		"a replica":          {watched.Replica.URL(), "(READONLY)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, c.url)
			until(t, c.want, func() bool { return strings.Contains(f.Health().Err, c.want) })
			if told := strings.ReplaceAll(f.Health().Err, "CANARY", ""); strings.Contains(told, "canar") || strings.Contains(told, "127.") {
				t.Errorf("shows too much: %s", told)
			}
		})
	}
	t.Run("a private authority", func(t *testing.T) {
		t.Parallel()
		pem, err := os.ReadFile(ca)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		f, err := Open(Options{URL: tlsURL, CAs: pool})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		until(t, "it is up", func() bool { return f.Health().Up })
		stamp(t, account(t, f), "x")
	})
}

// What cannot be brought about here is explained from the error.
func TestReasonOfErrors(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"DNS knows no host":   &net.OpError{Op: "dial", Err: &net.DNSError{Name: "canary", IsNotFound: true}},
		"DNS does not answer": &net.OpError{Op: "dial", Err: &net.DNSError{Name: "canary", IsTimeout: true}},
		"not valid":           x509.CertificateInvalidError{Reason: x509.Expired},
		"no answer in time":   &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded},
		"no connection":       errors.New("canary"),
	} {
		if got := reason(err); !strings.Contains(got, want) || strings.Contains(got, "canary") {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// rules reads the ACL that deploy/README.md tells operators to set.
func rules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ACL SETUSER zoomgraph on >PASSWORD (.*)$`).FindSubmatch(text)
	if line == nil {
		t.Fatal("deploy/README.md shows no ACL")
	}
	return strings.Fields(string(line[1]))
}

// The ACL of deploy/README.md is enough for everything, behind Sentinels with the one command more that it names; so is
// all that is not dangerous.
func TestACL(t *testing.T) {
	t.Parallel()
	for name, acl := range map[string]string{
		"documented":    strings.Join(rules(t), " "),
		"not dangerous": "~* resetchannels +@all -@dangerous",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			srv.Do("ACL SETUSER zoomgraph on >secret " + acl)
			srv.Do("ACL SETUSER default +@all")
			exercise(t, strings.Replace(srv.URL(), "unix://", "unix://zoomgraph:secret@", 1))
			if log := srv.Do("ACL LOG"); log != "" {
				t.Errorf("refused:\n%s", log)
			}
		})
	}
}

// Each command of that ACL is needed, and its absence is told before anybody relies on Redis.
func TestACLIsLeast(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	all := rules(t)
	for i, rule := range all {
		if rule[0] != '+' || strings.HasPrefix(rule, "+cluster|") {
			continue
		}
		user := strings.NewReplacer("+", "without-", "|", "-").Replace(rule)
		srv.Do("ACL SETUSER " + user + " on >secret " + strings.Join(all[:i], " ") + " " + strings.Join(all[i+1:], " "))
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			f := open(t, strings.Replace(srv.URL(), "unix://", "unix://"+user+":secret@", 1))
			until(t, "it is refused", func() bool { return strings.Contains(f.Health().Err, "NOPERM") })
			if f.Health().Up {
				t.Error("up")
			}
		})
	}
}
