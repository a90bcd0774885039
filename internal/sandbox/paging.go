package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// page is what the answers of lists say of themselves.
type page struct {
	NextPageToken string `json:"next_page_token"`
	PageCount     int    `json:"page_count"`
	PageNumber    int    `json:"page_number"`
	PageSize      int    `json:"page_size"`
	TotalRecords  int    `json:"total_records"`
}

// memberList is a page of the users of a group or role.
type memberList struct {
	page
	Members []listedMember `json:"members"`
}

type listedMember struct {
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	ID        string `json:"id"`
	LastName  string `json:"last_name"`
	Type      int    `json:"type"`
}

// members answers a page of the people for whom belongs is true.
func (s *Server) members(c *call, belongs func(*person) bool) (answer, error) {
	var all []*person
	for _, p := range s.world.people.all {
		if belongs(p) {
			all = append(all, p)
		}
	}
	head, some, err := pageOf(s, c, all)
	if err != nil {
		return answer{}, err
	}
	out := memberList{page: head, Members: []listedMember{}}
	for _, p := range some {
		out.Members = append(out.Members, listedMember{ID: p.ID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Type: p.Type})
	}
	return ok(encode(out)), nil
}

// pageOf returns the page of a list that the query asks for. The token of the
// next one is good for the same path, page size and filters only.
func pageOf[T any](s *Server, c *call, all []T, filters ...string) (page, []T, error) {
	head := page{PageSize: numberOr(c.values.Get("page_size"), 30), TotalRecords: len(all)}
	head.PageCount = (len(all) + head.PageSize - 1) / head.PageSize
	from := (numberOr(c.values.Get("page_number"), 1) - 1) * head.PageSize
	bound := strings.Join(append(filters, c.path, strconv.Itoa(head.PageSize)), "\x00")
	if token := c.values.Get("next_page_token"); token != "" {
		at, valid := s.source.openPageToken(token, bound, c.now, time.Duration(c.regime.PageTokenTTL))
		if !valid {
			return head, nil, refuse(http.StatusBadRequest, 300, "The next page token is invalid or has expired.")
		}
		from = at
	}
	head.PageNumber = from/head.PageSize + 1
	from = min(from, len(all))
	to := min(from+head.PageSize, len(all))
	if to < len(all) {
		head.NextPageToken = s.source.sealPageToken(to, bound, c.now)
	}
	return head, all[from:to], nil
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
func (s source) sealPageToken(offset int, bound string, now time.Time) string {
	var b [20]byte
	binary.BigEndian.PutUint32(b[:4], uint32(offset))
	binary.BigEndian.PutUint64(b[4:12], uint64(now.UnixMilli()))
	binary.BigEndian.PutUint64(b[12:], s.at("page token", string(b[:12]), bound))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// openPageToken returns the offset in a token, unless it is made up, bound to
// something else, or older than its life.
func (s source) openPageToken(token, bound string, now time.Time, life time.Duration) (int, bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 20 || binary.BigEndian.Uint64(b[12:]) != s.at("page token", string(b[:12]), bound) {
		return 0, false
	}
	issued := time.UnixMilli(int64(binary.BigEndian.Uint64(b[4:12])))
	return int(binary.BigEndian.Uint32(b[:4])), now.Sub(issued) <= life
}
