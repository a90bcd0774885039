package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

// source is where all data comes from: a seed that gives every name in the
// account, such as "user 12's e-mail", its own number, always the same one.
type source uint64

// at returns the number of a name. Parts are kept apart: ("a", "bc") is not
// ("ab", "c").
func (s source) at(parts ...string) uint64 {
	h := uint64(14695981039346656037) ^ mix(uint64(s)) // FNV-1a from here
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 1099511628211
		}
		h = (h ^ 0x1f) * 1099511628211
	}
	return mix(h)
}

// mix spreads a number over all bits, as splitmix64 ends.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// id returns an identifier that looks like Zoom's: 22 URL-safe characters.
func (s source) id(parts ...string) string { return idOf(s.at(parts...)) }

func idOf(h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], mix(h))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// trackingID names the answer to the nth call.
func (s source) trackingID(n int) string {
	return fmt.Sprintf("v=2.0;clid=us06;rid=WEB_%016x", s.at("tracking", strconv.Itoa(n)))
}

// pick chooses one of several by a number.
func pick[T any](h uint64, from ...T) T { return from[h%uint64(len(from))] }

// digits returns n decimal digits, the first never 0.
func digits(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(h%10)
		h = mix(h)
	}
	if n > 0 && b[0] == '0' {
		b[0] = '7'
	}
	return string(b)
}
