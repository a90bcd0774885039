package footprint

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// mapping is a piece of the address space, as /proc/self/smaps tells of it.
type mapping struct {
	from, to uintptr
	perms    string
	file     string
	resident int // KiB
	own      int // KiB of pages that are not the file's any more, in memory or swapped out
}

// unmap lets go of the pages of the program's code and constants. An error leaves things as they are: nothing needs this.
func unmap() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for _, m := range mappings() {
		if m.file == program && m.isFiles() {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
		}
	}
}

// isFiles tells whether all that a mapping shows is what the file has: nothing may write to it, and nothing has, as a
// loader that relocates constants does, or a debugger that stops at a line.
func (m mapping) isFiles() bool {
	return (m.perms == "r-xp" || m.perms == "r--p") && m.own == 0
}

// mappings are those of this process; none where the kernel does not tell.
func mappings() []mapping {
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	var all []mapping
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		var m mapping
		var offset, device string
		var inode, size int
		if n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %d", &m.from, &m.to, &m.perms, &offset, &device, &inode); n == 6 {
			if i := strings.IndexByte(line, '/'); i >= 0 {
				m.file = line[i:]
			}
			all = append(all, m)
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		if _, err := fmt.Sscanf(value, "%d kB", &size); err != nil || len(all) == 0 {
			continue
		}
		switch last := &all[len(all)-1]; name {
		case "Rss":
			last.resident = size
		case "Anonymous", "Swap":
			last.own += size
		}
	}
	return all
}
