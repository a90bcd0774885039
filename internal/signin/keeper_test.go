package signin_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zoomgraph/internal/fleet"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/signin"
)

// TestKeepers: all of them keep what they promise.
func TestKeepers(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) signin.Keeper{
		"memory": func(*testing.T) signin.Keeper { return signin.NewMemory() },
		"folder": func(t *testing.T) signin.Keeper { t.Helper(); return folder(t, t.TempDir()) },
		"redis": func(t *testing.T) signin.Keeper {
			t.Helper()
			f, err := fleet.Open(fleet.Options{URL: redistest.Start(t).URL()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(f.Close)
			return f.Sessions()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, ctx := open(t), t.Context()
			has := func(key, want string) {
				t.Helper()
				value, err := k.Get(ctx, key)
				if want == "" && !errors.Is(err, fs.ErrNotExist) || want != "" && (err != nil || string(value) != want) {
					t.Errorf("%s is %q, %v, want %q", key, value, err, want)
				}
			}
			does := func(err, want error) {
				t.Helper()
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
			has("a", "")
			does(k.Add(ctx, "a", []byte("1\x00\xff"), time.Hour), nil)
			does(k.Add(ctx, "b", []byte("other"), time.Hour), nil)
			has("a", "1\x00\xff")
			does(k.Swap(ctx, "a", []byte("other"), []byte("2"), time.Hour), fs.ErrNotExist)
			has("a", "1\x00\xff")
			does(k.Swap(ctx, "a", []byte("1\x00\xff"), []byte("2"), time.Hour), nil)
			has("a", "2")
			does(k.Swap(ctx, "c", []byte("2"), []byte("3"), time.Hour), fs.ErrNotExist)
			has("c", "")
			does(k.Touch(ctx, "a", 50*time.Millisecond), nil)
			does(k.Touch(ctx, "c", time.Hour), nil)
			has("c", "")
			until(t, "its life ends", func() bool { _, err := k.Get(ctx, "a"); return errors.Is(err, fs.ErrNotExist) })
			does(k.Swap(ctx, "a", []byte("2"), []byte("3"), time.Hour), fs.ErrNotExist)
			does(k.Remove(ctx, "b"), nil)
			does(k.Remove(ctx, "b"), nil)
			has("b", "")
		})
	}
}

// TestClaim: one replica at a time renews a session, and one that is told to stop waiting does.
func TestClaim(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	var both []signin.Keeper
	for range 2 {
		f, err := fleet.Open(fleet.Options{URL: redis.URL()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		both = append(both, f.Sessions())
	}
	release, err := both[0].Claim(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := both[1].Claim(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	other()
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := both[1].Claim(short, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second one has it: %v", err)
	}
	release()
	again, err := both[1].Claim(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	again()
	redis.Stop()
	if _, err := both[0].Claim(t.Context(), "a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without Redis: %v", err)
	}
}

// What a process left half written goes when the folder is opened again, and so do sessions that have expired.
func TestFolderIsTidied(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first := folder(t, path)
	for key, life := range map[string]time.Duration{"old": time.Nanosecond, "new": time.Hour} {
		if err := first.Add(t.Context(), key, []byte(key), life); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new.session.draft", "half.draft"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("ha"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	second := folder(t, path)
	names, err := filepath.Glob(filepath.Join(path, "*"))
	if err != nil || len(names) != 2 {
		t.Errorf("the folder holds %q, %v", names, err)
	}
	if value, err := second.Get(t.Context(), "new"); err != nil || string(value) != "new" {
		t.Errorf("a session is %q, %v", value, err)
	}
	if _, err := signin.OpenFolder(filepath.Join(path, "new.session")); err == nil {
		t.Error("a file is a folder")
	}
}
