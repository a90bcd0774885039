//go:build linux

package siege

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// This file is somebody else, who asks the service while it is attacked. They are a process of their own: one that shares
// a process with the attackers waits for those, not for the service.

// bystanding says in the environment of the test's program that it is somebody else, and what they need to know.
const bystanding = "ZOOMGRAPH_SIEGE_BYSTANDER"

// bystander is what somebody else knows.
type bystander struct{ URL, Key, Name string }

// sight is what they have seen.
type sight struct {
	Slowest time.Duration // that an answer took
	Failure string        // why they stopped asking; "": they were told to
}

// Main is the TestMain of tests that Watch: it runs the tests, or is somebody else.
func Main(m *testing.M) int {
	told := os.Getenv(bystanding)
	if told == "" {
		return m.Run()
	}
	var b bystander
	if err := json.Unmarshal([]byte(told), &b); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(b.watch()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// watch asks until the standard input ends.
func (b bystander) watch() (seen sight) {
	over, end := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for { // once at least, however soon it is over
		asking, done := context.WithTimeout(context.Background(), 4*MaxWait)
		took, err := viewer(asking, b.URL, b.Key, b.Name)
		done()
		seen.Slowest = max(seen.Slowest, took)
		if err != nil {
			seen.Failure = err.Error()
			return seen
		}
		select {
		case <-tick.C:
		case <-over.Done():
			return seen
		}
	}
}

// Watch asks Viewer again and again until stop is called, which returns the longest time that an answer took. A question
// that is not answered fails the test. The test's TestMain is Main.
func (s *Service) Watch(caller string) (stop func() time.Duration) {
	s.t.Helper()
	told, err := json.Marshal(bystander{s.URL, s.Key(caller), caller})
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), os.Args[0]) //nolint:gosec // the test's own program
	cmd.Env = append(os.Environ(), bystanding+"="+string(told))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return sync.OnceValue(func() time.Duration {
		_ = in.Close()
		var seen sight
		if err := errors.Join(cmd.Wait(), json.Unmarshal(out.Bytes(), &seen)); err != nil {
			s.t.Errorf("%s: %v: %s", caller, err, out.Bytes())
		}
		if seen.Failure != "" {
			s.t.Errorf("%s is not answered: %s", caller, seen.Failure)
		}
		return seen.Slowest
	})
}

// viewer asks { viewer { name } }; see [Service.Viewer].
func viewer(ctx context.Context, url, key, name string) (time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	start := time.Now()
	ask := func() (*http.Response, error) { return post(ctx, client, url, key, "{ viewer { name } }", nil) }
	resp, err := ask()
	for closed := 0; closed < 2 && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)); closed++ {
		resp, err = ask()
	}
	if err != nil {
		return time.Since(start), err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"`+name+`"`))) {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return time.Since(start), err
}
