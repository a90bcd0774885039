package deploy_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile.
type instruction struct{ name, args string }

func dockerfile(t *testing.T) []instruction {
	t.Helper()
	var all []instruction
	for _, line := range lines(read(t, "Dockerfile")) {
		name, args, ok := strings.Cut(line, " ")
		if !ok || strings.HasSuffix(line, `\`) {
			t.Fatalf("%q is no instruction on one line", line)
		}
		all = append(all, instruction{name, args})
	}
	return all
}

// last are the instructions of the stage that becomes the image, by name.
func last(t *testing.T) map[string][]string {
	t.Helper()
	stage := map[string][]string{}
	for _, in := range dockerfile(t) {
		if in.name == "FROM" {
			clear(stage)
		}
		stage[in.name] = append(stage[in.name], in.args)
	}
	return stage
}

// imageEnv is what the image itself sets.
func imageEnv(t *testing.T) map[string]string {
	t.Helper()
	return assignments(t, []byte(strings.Join(strings.Fields(strings.Join(last(t)["ENV"], " ")), "\n")))
}

// command is what the image runs.
func command(t *testing.T) (program string, args []string) {
	t.Helper()
	stage := last(t)
	var entry []string
	if len(stage["ENTRYPOINT"]) != 1 || json.Unmarshal([]byte(stage["ENTRYPOINT"][0]), &entry) != nil || len(entry) != 1 {
		t.Fatalf("ENTRYPOINT is %q, want one program in brackets: there is no shell", stage["ENTRYPOINT"])
	}
	if len(stage["CMD"]) != 1 || json.Unmarshal([]byte(stage["CMD"][0]), &args) != nil {
		t.Fatalf("CMD is %q, want arguments in brackets", stage["CMD"])
	}
	return entry[0], args
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	stages := map[string]bool{}
	static := false
	for _, in := range dockerfile(t) {
		switch in.name {
		case "FROM":
			image, as, _ := strings.Cut(in.args, " AS ")
			if image != "scratch" && !pinned.MatchString(image) && !stages[image] {
				t.Errorf("FROM %s: the version is left open", image)
			}
			stages[as] = true
		case "COPY":
			if m := regexp.MustCompile(`--from=(\S+)`).FindStringSubmatch(in.args); len(m) > 0 && !stages[m[1]] {
				t.Errorf("COPY %s: there is no such stage", in.args)
			}
		case "ENV":
			static = static || in.args == "CGO_ENABLED=0"
		case "ADD", "ARG":
			t.Errorf("%s %s: what an image is made of is copied, and no argument of a build can hold a secret", in.name, in.args)
		}
	}
	stage := last(t)
	program, _ := command(t)
	copies := strings.Join(stage["COPY"], "\n")
	switch {
	case stage["FROM"][0] != "scratch" || !static:
		t.Error("the image is not the static program alone")
	case !slices.Equal(stage["USER"], []string{nobody + ":" + nobody}):
		t.Errorf("it runs as %q", stage["USER"])
	case !strings.HasSuffix(copies, " "+program):
		t.Errorf("%s is not what is copied into the image", program)
	case !strings.Contains(copies, "/etc/ssl/certs/ca-certificates.crt"):
		t.Error("it has no certificates to know Zoom by")
	case imageEnv(t)["ZOOMGRAPH_ADDR"] != "0.0.0.0:"+stage["EXPOSE"][0]:
		t.Errorf("it listens on %q and exposes %q", imageEnv(t)["ZOOMGRAPH_ADDR"], stage["EXPOSE"])
	}
}

// pinned is an image with a version.
var pinned = regexp.MustCompile(`^[a-z./]+:[0-9][\w.-]*$`)

// TestGoVersion holds the image's Go to that of go.mod.
func TestGoVersion(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if !strings.Contains(string(read(t, "Dockerfile")), "FROM golang:"+string(version[1])+"-") {
		t.Errorf("the image is not built by Go %s, which go.mod asks for", version[1])
	}
}

// TestIgnored holds secrets out of the image and out of the repository.
func TestIgnored(t *testing.T) {
	t.Parallel()
	git, err := os.ReadFile("../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	for list, wants := range map[string][]string{
		string(read(t, "Dockerfile.dockerignore")): {"deploy/secrets", "deploy/.env", "deploy/kubernetes/**/secrets", "**/node_modules", ".tools"},
		string(git): {"/deploy/secrets/", "/deploy/kubernetes/overlays/*/secrets/", "/deploy/.env", "/deploy/zoomgraph.yaml"},
	} {
		for _, want := range wants {
			if !slices.Contains(strings.Split(list, "\n"), want) {
				t.Errorf("%s is not left out in\n%s", want, list)
			}
		}
	}
}
