package callers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// KeyPrefix begins every key of ours, so that a wrong one is told from a token of somebody else's.
	KeyPrefix = "zg_"
	// minCredential is the length of the shortest credential that is looked at: what is shorter can be guessed.
	minCredential = 32
	maxCredential = 8 << 10
)

// Digest is the SHA-256 of a key, which the configuration holds in its place.
type Digest [sha256.Size]byte

// DigestOf is the digest of a key.
func DigestOf(key string) Digest { return sha256.Sum256([]byte(key)) }

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// NewKey makes a key that nobody can guess.
func NewKey() string { return KeyPrefix + rand.Text() + rand.Text() }

// bearer takes the credential out of an Authorization. Its errors do not repeat what was sent.
func bearer(authorization string) (string, error) {
	authorization = strings.Trim(authorization, " \t") // as HTTP does with its headers
	if authorization == "" {
		return "", missing()
	}
	scheme, credential, _ := strings.Cut(authorization, " ")
	credential = strings.TrimLeft(credential, " ")
	switch {
	case !strings.EqualFold(scheme, "Bearer"), credential == "":
		return "", invalid("the Authorization is not of the form: Bearer, a space, and a key or a token")
	case len(credential) > maxCredential:
		return "", invalid("the credential behind Bearer is too long to be a key or a token")
	case strings.ContainsFunc(credential, notToken):
		return "", invalid("the credential behind Bearer has characters that neither keys nor tokens have")
	case len(credential) < minCredential:
		return "", invalid("the credential behind Bearer is too short to be a key or a token; keys have at least 32 characters")
	}
	return credential, nil
}

// notToken tells what no bearer token holds (RFC 6750).
func notToken(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-._~+/=", r)
}
