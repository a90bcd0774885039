// Package footprint lets go of the pages of the program that only its start needed.
//
//	footprint.Trim() // once, when what was to be made is made
//
// A start runs through code that nothing runs again, and Linux maps the pages around each of its own with it, on the chance
// that they are needed. All of that counts as memory of the process: three times what it has for itself. What is needed
// again is mapped again, without a read from the disk as long as the kernel keeps the file.
package footprint

// Trim lets go of all pages of code and constants. It takes about a millisecond of a processor, beside all else that runs,
// and as much again until what is still needed is back.
func Trim() { unmap() }
