//go:build linux

package siege_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"zoomgraph/test/siege"
)

func TestMain(m *testing.M) { os.Exit(siege.Main(m)) }

// TestMemoryAtRest starts a service, asks it as both callers, and sees that what it takes is measured.
func TestMemoryAtRest(t *testing.T) {
	svc := siege.Start(t, siege.Options{Users: 3, Accounts: []string{"a", "b"}})
	slowest := svc.Watch(siege.Bystander)
	resp, err := svc.Post(t.Context(), http.DefaultClient, siege.Attacker, "{ users { nodes { email } } }", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || strings.Count(string(body), "@") != 3 {
		t.Errorf("%s %v", body, err)
	}
	if peak := svc.Peak(); peak < 5<<20 {
		t.Errorf("a peak of %d bytes cannot be", peak)
	}
	svc.WithinLimits(slowest())
}
