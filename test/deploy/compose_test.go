package deploy_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// compose is the part of the Compose specification that the file uses.
type compose struct {
	Name     string
	Services map[string]composeService
	Configs  map[string]composeFile
	Secrets  map[string]composeFile
	Volumes  map[string]struct {
		Driver     string
		DriverOpts map[string]string `yaml:"driver_opts"`
	}
}

type composeFile struct{ File string }

type composeService struct {
	Image string
	Build struct{ Context, Dockerfile string }
	User  string

	Command     []string
	Environment map[string]string
	Configs     []struct{ Source, Target string }
	Secrets     []string
	Volumes     []string
	Tmpfs       []string

	Ports       []string
	NetworkMode string   `yaml:"network_mode"`
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`

	MemLimit        string `yaml:"mem_limit"`
	PidsLimit       int    `yaml:"pids_limit"`
	Restart         string
	StopGracePeriod string `yaml:"stop_grace_period"`
	DependsOn       map[string]struct {
		Condition string
		Required  bool
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		Retries           int
		StartPeriod       string `yaml:"start_period"`
	}
}

func readCompose(t *testing.T) compose {
	t.Helper()
	all := readYAML[compose](t, read(t, "compose.yaml"), "compose.yaml")
	if len(all) != 1 {
		t.Fatalf("compose.yaml holds %d documents", len(all))
	}
	return all[0]
}

// required is a value that compose takes from the environment or from .env.
var required = regexp.MustCompile(`^\$\{(\w+):\?.+\}$`)

// composed is the program in compose.yaml.
func composed(t *testing.T) placement {
	t.Helper()
	c := readCompose(t)
	own := c.Services["zoomgraph"]
	p := placement{name: "compose", env: imageEnv(t), files: map[string]string{}, ports: map[string]string{"admin": "9091"}}
	_, p.args = command(t)
	for name, value := range own.Environment {
		if m := required.FindStringSubmatch(value); m != nil {
			if value = "given"; m[1] != name {
				t.Errorf("%s is taken from %s", name, m[1])
			}
		}
		p.env[name] = value
	}
	for _, config := range own.Configs {
		if c.Configs[config.Source].File != "./zoomgraph.yaml" {
			t.Errorf("the config %s is no file that README.md tells to write", config.Source)
		}
		p.files[config.Target] = "zoomgraph.example.yaml"
	}
	for _, secret := range own.Secrets {
		if c.Secrets[secret].File != "./secrets/"+secret {
			t.Errorf("the secret %s comes from %q", secret, c.Secrets[secret].File)
		}
		p.files["/run/secrets/"+secret] = ""
	}
	for _, port := range own.Ports {
		addr, inside, _ := strings.Cut(port, ":8080:")
		if addr != "127.0.0.1" {
			t.Errorf("the port %s is published beyond this machine", port)
		}
		p.ports["http"] = inside
	}
	return p
}

func TestCompose(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	used := map[string]bool{}
	for name, s := range c.Services {
		if s.Image == "" || s.Build.Context == "" && !pinned.MatchString(s.Image) || strings.HasSuffix(s.Image, ":latest") {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.User != nobody+":"+nobody {
			t.Errorf("%s: it may write, has capabilities, or runs as %q", name, s.User)
		}
		if s.MemLimit == "" || s.PidsLimit == 0 || s.Restart != "unless-stopped" {
			t.Errorf("%s: it is not bounded, or not started again", name)
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if used["volume "+source] = true; c.Volumes[source].Driver == "" {
				t.Errorf("%s: there is no volume %s", name, source)
			}
		}
		for other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok || len(c.Services[other].Healthcheck.Test) == 0 {
				t.Errorf("%s waits for %s, which is not there or tells nobody how it is", name, other)
			}
		}
		for _, config := range s.Configs {
			used["config "+config.Source] = true
		}
		for _, secret := range s.Secrets {
			used["secret "+secret] = true
		}
	}
	if len(used) != len(c.Volumes)+len(c.Configs)+len(c.Secrets) {
		t.Errorf("of volumes, configs and secrets only %v are used", used)
	}
	own := c.Services["zoomgraph"]
	if own.Build.Context != ".." || own.Build.Dockerfile != "deploy/Dockerfile" || own.StopGracePeriod != "30s" {
		t.Errorf("zoomgraph is built from %v, or has %s to end", own.Build, own.StopGracePeriod)
	}
	if redis := c.Services["redis"]; redis.NetworkMode != "none" || len(redis.Ports) > 0 {
		t.Error("Redis is on a network")
	}
}

// TestRedis starts the Redis of compose.yaml with its own options, and asks it where the service would.
func TestRedis(t *testing.T) {
	t.Parallel()
	program := need(t, "redis-server")
	c := readCompose(t)
	socket := strings.TrimPrefix(c.Services["zoomgraph"].Environment["ZOOMGRAPH_REDIS_URL"], "unix://")
	redis := c.Services["redis"]
	if health := redis.Healthcheck.Test; !slices.Contains(health, socket) {
		t.Errorf("the health check %q does not ask at %s", health, socket)
	}
	tmp, err := os.MkdirTemp("", "redis") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	moved := filepath.Join(tmp, "s")
	if redis.Command[0] != "redis-server" {
		t.Fatalf("the command is %q", redis.Command)
	}
	args := slices.Clone(redis.Command[1:])
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], socket, moved)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = tmp
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ask := func(command, want string) {
		conn, err := dial(t, "unix", moved)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
			t.Fatal(err)
		}
		answer := bufio.NewReader(conn)
		for {
			line, err := answer.ReadString('\n')
			if err != nil {
				t.Fatalf("%s: no %q: %v", command, want, err)
			}
			if strings.TrimSpace(line) == want {
				return
			}
		}
	}
	ask("PING", "+PONG")
	ask("CONFIG GET maxmemory-policy", "allkeys-lru")
	ask("CONFIG GET port", "0")
	if info, err := os.Stat(moved); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket is %v, %v", info, err)
	}
}

// dial waits for somebody to listen.
func dial(t *testing.T, network, addr string) (net.Conn, error) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-ticker.C {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), network, addr)
		if err != nil && time.Now().Before(deadline) {
			continue
		}
		if err == nil {
			err = conn.SetDeadline(time.Now().Add(10 * time.Second))
		}
		return conn, err
	}
}
