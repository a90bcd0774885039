package sandbox_test

import (
	"bytes"
	"sync"
	"testing"
)

// What chapters keep of what they made up is whole as well, whoever asks first.
func TestChaptersAtOnce(t *testing.T) {
	t.Parallel()
	alone, crowd := product(t, 12), product(t, 12)
	paths := []string{"/users", "/groups", "/roles", "/groups/" + alone.get("/groups").rows("groups")[0]["id"].(string) + "/settings"}
	for _, u := range alone.Users() {
		paths = append(paths, "/users/"+u.ID+"/settings", "/users/"+u.Email, "/users/"+u.ID+"/settings?custom_query_fields=waiting_room")
	}
	want := map[string][]byte{}
	for _, path := range paths {
		want[path] = alone.get(path).body
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for _, path := range paths {
				if got := crowd.get(path); !bytes.Equal(got.body, want[path]) {
					t.Errorf("%s is %s, want %s", path, got.body, want[path])
				}
			}
		})
	}
	all.Wait()
}
