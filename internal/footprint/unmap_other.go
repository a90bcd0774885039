//go:build !linux

package footprint

// unmap does nothing: only Linux maps pages around those that are needed.
func unmap() {}
