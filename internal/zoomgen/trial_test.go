package zoomgen

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrial generates the service with the chapter of testdata/trial, of which each field shows a form, and asks it over
// HTTP: testdata/trial/trial_test.go. It builds from the module, with what was generated laid over it.
func TestTrial(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the executor")
	}
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	trial := filepath.Join(module, "internal", "zoomgen", "testdata", "trial")
	dir := copyModule(t)
	t.Chdir(dir)
	facts, err := os.ReadFile("docs/operations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, "docs/operations.yaml", string(facts)+contentOf(t, filepath.Join(trial, "operations.yaml")))
	writeText(t, "graph/schema/trial.graphqls", contentOf(t, filepath.Join(trial, "trial.graphqls")))
	if err := Run("gqlgen.yml", Options{ModelDir: "graph/model", ResolverDir: "graph", ProgramDir: "graph/program", SensitiveDir: "internal/sensitive"}); err != nil {
		t.Fatal(err)
	}

	overlay := map[string]string{
		filepath.Join(module, "internal", "trial", "trial_test.go"): filepath.Join(trial, "trial_test.go"),
	}
	for _, folder := range []string{"graph", "internal"} {
		for name := range generatedFiles(t, folder) {
			overlay[filepath.Join(module, name)] = filepath.Join(dir, name)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, "overlay.json", string(text))
	// The test's folder is nowhere but in the overlay, so it is built and then run elsewhere.
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-o", filepath.Join(dir, "trial.test"), "-overlay", filepath.Join(dir, "overlay.json"), "./internal/trial")
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	test := exec.CommandContext(t.Context(), "./trial.test", "-test.v", "-test.timeout=120s")
	test.Dir, test.Env = dir, append(os.Environ(), "TRIAL="+dir)
	out, err := test.CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestThings") {
		t.Errorf("nothing was tested:\n%s", out)
	}
}

func contentOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
