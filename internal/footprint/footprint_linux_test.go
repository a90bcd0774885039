package footprint

import (
	"os"
	"slices"
	"testing"
)

// TestTrim sees the pages of code go, while code runs on and constants are what they were.
func TestTrim(t *testing.T) { //nolint:paralleltest // it measures the process
	code := func(m mapping) bool { return m.perms == "r-xp" && m.file != "" }
	constants := func(m mapping) bool { return m.perms == "r--p" && m.file != "" }
	mapped, read := resident(code), resident(constants)
	Trim()
	if now := resident(code); now >= mapped {
		t.Errorf("%d KiB of code are mapped, and %d were before", now, mapped)
	}
	if now := resident(constants); now >= read {
		t.Errorf("%d KiB of constants are mapped, and %d were before", now, read)
	}
}

func resident(of func(mapping) bool) (kib int) {
	for _, m := range mappings() {
		if of(m) {
			kib += m.resident
		}
	}
	return kib
}

func TestIsFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mapping mapping
		want    bool
	}{
		{mapping{perms: "r-xp"}, true},
		{mapping{perms: "r--p"}, true},
		{mapping{perms: "rw-p"}, false}, // what it was written to is nowhere else
		{mapping{perms: "r--p", own: 4}, false},
		{mapping{perms: "r-xp", own: 4}, false},
		{mapping{perms: "r-xs"}, false},
	} {
		if got := test.mapping.isFiles(); got != test.want {
			t.Errorf("%+v: %v", test.mapping, got)
		}
	}
}

// TestMappings looks at the program itself: its code, its constants, and its variables, some of which were written.
func TestMappings(t *testing.T) {
	t.Parallel()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	perms := map[string]mapping{}
	for _, m := range mappings() {
		if m.file == program {
			perms[m.perms] = m
		}
	}
	for _, want := range []string{"r-xp", "r--p", "rw-p"} {
		m, ok := perms[want]
		if !ok || m.resident == 0 || m.to <= m.from {
			t.Errorf("the mapping %s is %+v", want, m)
		}
	}
	if perms["rw-p"].own == 0 {
		t.Error("no variable was written")
	}
	if here := slices.IndexFunc(mappings(), func(m mapping) bool { return m.file == "" && m.perms == "rw-p" && m.own > 0 }); here < 0 {
		t.Error("there is no heap")
	}
}
