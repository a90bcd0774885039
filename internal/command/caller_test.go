package command

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
)

// TestNewCaller: what is printed is a file that lets the key in, and the key is not in it but in a comment.
func TestNewCaller(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (Call{Stdout: &out}).newCaller(&config.CallerNew{Name: "dash.board-1", Account: "sandbox", Allow: []string{"read", "write"}}); err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`zg_\w+`).FindString(out.String())
	file := filepath.Join(t.TempDir(), "conf.yaml")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, err := config.Parse([]string{"--config", file}, func(string) (string, bool) { return "", false }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	got := cmd.(*config.Serve).Callers
	if len(got) != 1 || got[0].Name != "dash.board-1" || got[0].Account != "sandbox" || !slices.Equal(got[0].Allow, []string{"read", "write"}) ||
		got[0].KeySHA256 != callers.DigestOf(key) || bytes.Count(out.Bytes(), []byte(key)) != 1 {
		t.Errorf("from %s come %v", &out, got)
	}
}
