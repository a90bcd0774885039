package world

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/graph/program"
)

// Pages say how the answers of a list are cut.
type Pages struct {
	Size, Largest int  // by default, and at most; Size 0: the list comes whole unless a size is asked for
	Token, Number bool // next_page_token; page_number
}

// pagesOf returns how a list is cut, as facts tell. Where they name no parameters,
// both styles are there.
func pagesOf(op *program.Operation, whole bool) *Pages {
	if whole && op.Op != "GET /groups" { // which comes whole unless a size is asked for
		return &Pages{}
	}
	p := &Pages{Size: op.UsualPage(), Largest: op.LargestPage(), Token: slices.Contains(op.Query, "next_page_token"), Number: slices.Contains(op.Query, "page_number")}
	if whole {
		p.Size = 0
	}
	if !p.Token && !p.Number {
		p.Token, p.Number = true, !whole
	}
	return p
}

// params are the query parameters of pages.
func (p *Pages) params() []Param {
	if p.Largest == 0 {
		return nil
	}
	out := []Param{{Name: "page_size", Min: 1, Max: p.Largest}}
	if p.Token {
		out = append(out, Param{Name: "next_page_token"})
	}
	if p.Number {
		out = append(out, Param{Name: "page_number", Min: 1, Max: 1 << 20})
	}
	return out
}

// cut returns the page of a list that the query asks for, and what the answer
// says of it. The token of the next one is good for the same path, page size and
// filters only.
func (p *Pages) cut(s Source, c *Call, all []*Record) (some []*Record, head []Member, err error) {
	total := Member{"total_records", Encode(len(all))}
	size := numberOr(c.Values.Get("page_size"), p.Size)
	if size == 0 {
		return all, []Member{total}, nil
	}
	from := (numberOr(c.Values.Get("page_number"), 1) - 1) * size
	bound := c.bound(size)
	if token := c.Values.Get("next_page_token"); token != "" {
		at, valid := s.openPageToken(token, bound, c.Now, c.TokenLife)
		if !valid {
			return nil, nil, Refuse(http.StatusBadRequest, 300, "The next page token is invalid or has expired.")
		}
		from = at
	}
	number := from/size + 1
	from = min(from, len(all))
	to := min(from+size, len(all))
	if p.Token {
		next := ""
		if to < len(all) {
			next = s.sealPageToken(to, bound, c.Now)
		}
		head = append(head, Member{"next_page_token", Encode(next)})
	}
	if p.Number {
		head = append(head, Member{"page_count", Encode((len(all) + size - 1) / size)}, Member{"page_number", Encode(number)})
	}
	return all[from:to], append(head, Member{"page_size", Encode(size)}, total), nil
}

// bound is what a page token is good for.
func (c *Call) bound(size int) string {
	parts := []string{c.Path, strconv.Itoa(size)}
	for _, p := range c.Op.Query {
		switch p.Name {
		case "page_size", "page_number", "next_page_token":
		default:
			parts = append(parts, p.Name, c.Values.Get(p.Name))
		}
	}
	return strings.Join(parts, "\x00")
}

// numberOr reads a number that has been checked, or gives another for none.
func numberOr(value string, other int) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	return other
}

// sealPageToken makes the token of the page that starts at an offset. It holds
// the offset, the time, and a check number over these and what it is bound to.
func (s Source) sealPageToken(offset int, bound string, now time.Time) string {
	var b [20]byte
	binary.BigEndian.PutUint32(b[:4], uint32(offset))
	binary.BigEndian.PutUint64(b[4:12], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(b[12:], s.At("page token", string(b[:12]), bound))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// openPageToken returns the offset in a token, unless it is made up, bound to
// something else, or older than its life.
func (s Source) openPageToken(token, bound string, now time.Time, life time.Duration) (int, bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 20 || binary.BigEndian.Uint64(b[12:]) != s.At("page token", string(b[:12]), bound) {
		return 0, false
	}
	issued := time.UnixMilli(int64(binary.BigEndian.Uint64(b[4:12])))
	return int(binary.BigEndian.Uint32(b[:4])), now.Sub(issued) <= life
}
