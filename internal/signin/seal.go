package signin

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
)

// box seals what leaves this process, under a key that comes from the app's client secret. What was sealed for one place
// cannot be opened in another.
type box struct{ seal cipher.AEAD }

func newBox(secret string) (*box, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "zoomgraph/1/sign-in", sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	return &box{seal}, err
}

func (b *box) close(place string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return b.seal.Seal(nil, nil, text, []byte(place)), nil //nolint:gosec // this AEAD makes a random nonce itself
}

// open reads what was sealed for a place; false where that cannot be read.
func (b *box) open(place string, sealed []byte, v any) bool {
	text, err := b.seal.Open(nil, nil, sealed, []byte(place))
	return err == nil && json.Unmarshal(text, v) == nil
}
