package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const unitFile = "systemd/zoomgraph.service"

// unit are the settings of the unit file, by name.
func unit(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, line := range lines(read(t, unitFile)) {
		if strings.HasPrefix(line, "[") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("%q is no setting", line)
		}
		all[name] = append(all[name], value)
	}
	return all
}

// installed is the program as systemd starts it.
func installed(t *testing.T) placement {
	t.Helper()
	u := unit(t)
	p := placement{name: "systemd", env: assignments(t, read(t, "systemd/zoomgraph.env")), files: map[string]string{}, ports: map[string]string{"http": "8080"}}
	p.args = strings.Fields(u["ExecStart"][0])[1:]
	for name, value := range p.env {
		if value == "" { // to be filled in
			p.env[name] = "given"
		}
	}
	for _, pair := range u["Environment"] {
		name, value, _ := strings.Cut(pair, "=")
		p.env[name] = strings.ReplaceAll(value, "%d", "/run/credentials/zoomgraph.service")
	}
	for _, credential := range u["LoadCredential"] {
		name, source, _ := strings.Cut(credential, ":")
		if source != "/etc/zoomgraph/"+name {
			t.Errorf("the credential %s comes from %s", name, source)
		}
		p.files["/run/credentials/zoomgraph.service/"+name] = ""
	}
	p.files["/run/credentials/zoomgraph.service/zoomgraph.yaml"] = "zoomgraph.example.yaml"
	return p
}

func TestUnit(t *testing.T) {
	t.Parallel()
	u := unit(t)
	for name, want := range map[string]string{
		"DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "",
		"EnvironmentFile": "/etc/zoomgraph/zoomgraph.env", "TimeoutStopSec": "30s", "Restart": "on-failure",
	} {
		if !slices.Equal(u[name], []string{want}) {
			t.Errorf("%s is %q, want %q", name, u[name], want)
		}
	}
}

// TestSystemd lets systemd judge the unit: it understands all of it, and finds it little exposed.
func TestSystemd(t *testing.T) {
	t.Parallel()
	analyze := need(t, "systemd-analyze")
	const program = "/usr/local/bin/zoomgraph"
	text := read(t, unitFile)
	if !bytes.Contains(text, []byte("ExecStart="+program+" ")) {
		t.Fatalf("the unit does not start %s", program)
	}
	path := filepath.Join(t.TempDir(), "zoomgraph.service")
	self, err := os.Executable() // something that can be run
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte(program), []byte(self)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// Out of 100; what is left is that it may use the network.
	if out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=15", path).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}
