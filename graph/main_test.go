package graph_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No request leaves a goroutine behind: not its loaders, not its calls.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}
