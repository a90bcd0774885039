package zoomgen

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestFindOverrides(t *testing.T) {
	t.Parallel()
	dir := unpack(t, `
-- users.go --
package graph
func (r userResolver) Settings() {}
func (*queryResolver) Me() {}
func (s *Server) Thing() {}
func (r listResolver[T]) Items() {}
func userResolver_Name() {}
-- resolvers.gen.go --
package graph
func (r userResolver) Generated() {}
-- users_test.go --
package graph
func (r userResolver) Tested() {}
-- notes.md --
func (r userResolver) Written() {}
`)
	found, err := findOverrides(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(found)), []string{"queryResolver.Me", "userResolver.Settings"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestFindOverridesInBrokenCode(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "-- users.go --\npackage graph\nfunc (\n")
	if found, err := findOverrides(dir); err == nil {
		t.Errorf("found %v and no error, though the file cannot be parsed", found)
	}
}

func unpack(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range txtar.Parse([]byte(archive)).Files {
		if err := os.WriteFile(filepath.Join(dir, file.Name), file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
