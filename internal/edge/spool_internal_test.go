package edge

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// What lies in memory is bounded for all forms together: those that come later have files, and memory again when the
// others have gone.
func TestFormsInMemory(t *testing.T) {
	t.Parallel()
	r := newRoom(DefaultUploadBytes)
	var all []*spool
	keep := func(parts ...string) *spool {
		s := &spool{room: r}
		for _, part := range parts {
			content, size, err := s.keep(strings.NewReader(part))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(io.NewSectionReader(content, 0, size)); string(text) != part || err != nil {
				t.Errorf("kept %q of %q, %v", text, part, err)
			}
		}
		all = append(all, s)
		return s
	}
	for range formsInMemory {
		if s := keep("small", "small too"); len(s.files) > 0 {
			t.Errorf("%d files on disk while there is memory", len(s.files))
		}
	}
	if s := keep("small", "small too", ""); len(s.files) != 3 {
		t.Errorf("%d files on disk, want all 3", len(s.files))
	}
	for _, s := range all {
		if err := s.discard(); err != nil {
			t.Error(err)
		}
	}
	if s := keep(strings.Repeat("x", maxInMemory-1), "x", "y"); len(s.files) != 1 {
		t.Errorf("%d files on disk, want the one that does not fit into memory", len(s.files))
	}
	if err := all[len(all)-1].discard(); err != nil || len(r.inMemory) > 0 {
		t.Errorf("%v; %d places in memory are taken", err, len(r.inMemory))
	}
}

// Room that was taken comes back, whoever took it, also that of a form that found no more.
func TestRoomComesBack(t *testing.T) {
	t.Parallel()
	r := newRoom(4 * formStep)
	for _, size := range []int{0, 1, formStep - 1, formStep, 3 * formStep, 5 * formStep} {
		for _, who := range []string{"", "ann"} {
			s := &spool{room: r, caller: who}
			_, err := io.Copy(io.Discard, s.counted(strings.NewReader(strings.Repeat("x", size))))
			if full := errors.As(err, new(refusal)); full != (size >= 4*formStep) {
				t.Errorf("%d bytes: %v", size, err)
			}
			if s.taken < int64(min(size, 4*formStep)) || r.held != s.taken {
				t.Errorf("%d bytes took %d of %d held", size, s.taken, r.held)
			}
			if err := s.discard(); err != nil || r.held != 0 || len(r.of) != 0 {
				t.Errorf("%d bytes: %d held afterwards, %v, %v", size, r.held, r.of, err)
			}
		}
	}
}
