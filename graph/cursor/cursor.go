// Package cursor seals the cursors of connections. Each holds a position in a list. A cursor is opaque to clients, who
// hand it back as it is. Nobody can make one up or change one, and it is good for the owner alone whose box sealed it.
//
//	box, err := cursor.NewBox(secret, "account a")
//	text := box.Seal(position)
//	position, err = box.Open(text)
package cursor

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// Position is where a page ends: item Skip of the answer that Token brings. It holds everything that Zoom's token depends
// on: Zoom refuses a token that comes with other parameters than the answer before it was asked with.
type Position struct {
	Token string // next_page_token of the answer, or its page_number; "" is the first one
	Skip  int    // items of that answer that lie before the position
	Size  int    // page_size; 0 where the list has no pages
	With  string // include_fields: Zoom's names, sorted, with commas
	On    string // query parameters that are true for fields that were selected: Zoom's names, sorted, with commas
	For   string // what the list was filtered by: a position belongs to one list only
	From  string // of a list of a time: what is walked, piece by piece
	To    string
	Piece int   // of that time, which the token belongs to
	Pages int   // answers that lie before that one, of the same piece
	At    int64 // when Zoom gave the token, in Unix seconds
}

// A Box seals positions and opens them. It is safe for concurrent use.
type Box struct {
	seal  cipher.AEAD
	nonce []byte // the key of nonces
	owner string
}

// maxCursor is how many bytes a cursor may have. Zoom's tokens have some dozens.
const maxCursor = 8 << 10

// errNone is the error of a text that the box did not seal.
var errNone = errors.New("cursor: this is not a cursor of this box")

// NewBox makes a box. Boxes of one secret and one owner open what the others sealed. Without a secret it opens its own only.
func NewBox(secret []byte, owner string) (*Box, error) {
	if len(secret) == 0 {
		secret = make([]byte, sha256.Size)
		_, _ = rand.Read(secret) // it never fails
	}
	keys, err := hkdf.Key(sha256.New, secret, nil, "zoomgraph/3/cursor", 2*sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(keys[:sha256.Size])
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	return &Box{seal: seal, nonce: keys[sha256.Size:], owner: owner}, err
}

// A cursor is three parts: With and its length, a nonce, and all else of the position sealed. With can be read without the
// box, since it has a say in prices; it cannot be changed either.

// Seal makes a cursor. A position has one cursor: the nonce is a digest of what is sealed.
func (b *Box) Seal(p Position) string {
	open := append(binary.AppendUvarint(nil, uint64(len(p.With))), p.With...)
	return b.close(open, slices.Concat(open, []byte(b.owner)), p.inside())
}

// close seals a text behind the part that is open, together with what it is about.
func (b *Box) close(open, about, text []byte) string {
	digest := hmac.New(sha256.New, b.nonce)
	digest.Write(binary.AppendUvarint(nil, uint64(len(about))))
	digest.Write(about)
	digest.Write(text)
	nonce := digest.Sum(nil)[:b.seal.NonceSize()]
	return encoding.EncodeToString(b.seal.Seal(append(open, nonce...), nonce, text, about))
}

// Open reads a cursor that a box of the same secret and owner sealed.
func (b *Box) Open(text string) (Position, error) {
	inside, with, err := b.open(text, nil)
	if err != nil {
		return Position{}, err
	}
	return positionOf(with, inside), nil
}

// open is what close sealed about the owner and something else.
func (b *Box) open(text string, about []byte) (inside []byte, with string, err error) {
	open, with, rest, ok := parse(text)
	if !ok || len(rest) < b.seal.NonceSize() {
		return nil, "", errNone
	}
	nonce, sealed := rest[:b.seal.NonceSize()], rest[b.seal.NonceSize():]
	if inside, err = b.seal.Open(nil, nonce, sealed, slices.Concat(open, []byte(b.owner), about)); err != nil {
		return nil, "", errNone
	}
	return inside, with, nil
}

// Included lists the fields that a cursor's list was asked to bring, of those that it brings on request only, by Zoom's
// names. ok is false for what cannot be a cursor; a made-up one is only found out by opening it.
func Included(text string) (zoom []string, ok bool) {
	_, with, _, ok := parse(text)
	return strings.Split(with, ","), ok
}

// encoding is that of cursors. Its decoder passes over line ends and spare bits, so parse compares: a cursor has one spelling.
var encoding = base64.RawURLEncoding

// parse cuts a cursor into the part that is not sealed, with With in it, and the rest.
func parse(text string) (open []byte, with string, rest []byte, ok bool) {
	if len(text) > maxCursor {
		return nil, "", nil, false
	}
	content, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(content) != text {
		return nil, "", nil, false
	}
	length, n := binary.Uvarint(content)
	if n <= 0 || length > uint64(len(content)-n) {
		return nil, "", nil, false
	}
	end := n + int(length)
	return content[:end], string(content[n:end]), content[end:], true
}

// inside is what is sealed of a position.
func (p Position) inside() []byte {
	var text []byte
	for _, n := range []int64{int64(p.Skip), int64(p.Size), int64(p.Pages), p.At, int64(p.Piece)} {
		text = binary.AppendVarint(text, n)
	}
	for _, part := range []string{p.On, p.For, p.From, p.To} {
		text = append(binary.AppendVarint(text, int64(len(part))), part...)
	}
	return append(text, p.Token...)
}

// placeOf reads what inside wrote.
func positionOf(with string, text []byte) Position {
	next := func() int64 {
		n, size := binary.Varint(text)
		text = text[size:]
		return n
	}
	part := func() string {
		length := next()
		part := string(text[:length])
		text = text[length:]
		return part
	}
	p := Position{With: with, Skip: int(next()), Size: int(next()), Pages: int(next()), At: next(), Piece: int(next())}
	p.On, p.For, p.From, p.To = part(), part(), part(), part()
	p.Token = string(text)
	return p
}
