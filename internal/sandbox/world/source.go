package world

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

// Source is where all data comes from: a seed that gives every name in the
// account, such as "user 12's e-mail", its own number, always the same one.
type Source uint64

// At returns the number of a name. Parts are kept apart: ("a", "bc") is not
// ("ab", "c").
func (s Source) At(parts ...string) uint64 {
	h := uint64(14695981039346656037) ^ Mix(uint64(s)) // FNV-1a from here
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 1099511628211
		}
		h = (h ^ 0x1f) * 1099511628211
	}
	return Mix(h)
}

// Mix spreads a number over all bits, as splitmix64 ends.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// ID returns an identifier that looks like Zoom's: 22 URL-safe characters.
func (s Source) ID(parts ...string) string { return IDOf(s.At(parts...)) }

// IDOf returns the identifier of a number.
func IDOf(h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], Mix(h))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// TrackingID names the answer to the nth call.
func (s Source) TrackingID(n int) string {
	return fmt.Sprintf("v=2.0;clid=us06;rid=WEB_%016x", s.At("tracking", strconv.Itoa(n)))
}

// Pick chooses one of several by a number.
func Pick[T any](h uint64, from ...T) T { return from[h%uint64(len(from))] }

// Digits returns n decimal digits, the first never 0.
func Digits(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(h%10)
		h = Mix(h)
	}
	if n > 0 && b[0] == '0' {
		b[0] = '7'
	}
	return string(b)
}
