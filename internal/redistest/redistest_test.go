package redistest

import (
	"strings"
	"testing"
)

func TestServer(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Do("SET a 1")
	s.Do("MSET b 2 c 3")
	if got := s.Do("MGET a b d c"); got != "1\n2\n\n3\n" {
		t.Errorf("%q", got)
	}
	if n := s.Commands("set", "mset"); n != 2 {
		t.Errorf("%d commands", n)
	}
	s.Stop()
	s.Stop()
	if _, err := s.do("PING"); err == nil {
		t.Error("a stopped server answers")
	}
	s.Start()
	if got := s.Do("GET a"); got != "" {
		t.Errorf("it remembers %q", got)
	}
	if _, err := s.do("NONSENSE"); err == nil || !strings.HasPrefix(s.URL(), "unix:///") {
		t.Errorf("%v, %s", err, s.URL())
	}
	s.Freeze()
	s.Thaw()
	if got := s.Do("PING"); got != "PONG" {
		t.Errorf("%q", got)
	}
}
