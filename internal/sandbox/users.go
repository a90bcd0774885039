package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// userList is the answer of the list operation.
type userList struct {
	NextPageToken string       `json:"next_page_token"`
	PageCount     int          `json:"page_count"`
	PageNumber    int          `json:"page_number"`
	PageSize      int          `json:"page_size"`
	TotalRecords  int          `json:"total_records"`
	Users         []listedUser `json:"users"`
}

func (s *Server) listUsers(c *call) (answer, error) {
	status, role := c.values.Get("status"), c.values.Get("role_id")
	if status == "" {
		status = active
	}
	var all []*person
	for _, p := range s.people.all {
		if p.Status == status && (role == "" || p.RoleID == role) {
			all = append(all, p)
		}
	}
	page := userList{PageSize: numberOr(c.values.Get("page_size"), 30), TotalRecords: len(all)}
	page.PageCount = (len(all) + page.PageSize - 1) / page.PageSize
	from := (numberOr(c.values.Get("page_number"), 1) - 1) * page.PageSize
	fields := c.values.Get("include_fields")
	bound := strings.Join([]string{status, role, fields, strconv.Itoa(page.PageSize)}, "\x00")
	if token := c.values.Get("next_page_token"); token != "" {
		at, valid := s.source.openPageToken(token, bound, c.now, time.Duration(c.regime.PageTokenTTL))
		if !valid {
			return answer{}, refuse(http.StatusBadRequest, 300, "The next page token is invalid or has expired.")
		}
		from = at
	}
	page.PageNumber = from/page.PageSize + 1
	to := min(from+page.PageSize, len(all))
	page.Users = []listedUser{}
	for _, p := range all[min(from, len(all)):to] {
		page.Users = append(page.Users, p.listed(fields))
	}
	if to < len(all) {
		page.NextPageToken = s.source.sealPageToken(to, bound, c.now)
	}
	return ok(encode(page)), nil
}

// listed returns the user as a list with these include_fields brings it.
func (p *person) listed(include string) listedUser {
	u := p.listedUser
	if !strings.Contains(include, "custom_attributes") {
		u.CustomAttributes = nil
	}
	if !strings.Contains(include, "host_key") {
		u.HostKey = ""
	}
	return u
}

func (s *Server) getUser(c *call) (answer, error) {
	p, err := c.member()
	if err != nil {
		return answer{}, err
	}
	return ok(encode(p.detailedUser)), nil
}

// member returns whom userId names, if that is somebody with details and settings.
func (c *call) member() (*person, error) {
	switch name := c.vars["userId"]; {
	case name == "me":
		return nil, refuse(http.StatusBadRequest, 4700, "A token of account_credentials does not support the user \"me\".")
	case c.person == nil:
		return nil, refuse(http.StatusNotFound, 1001, "User does not exist: %s.", name)
	case c.person.Status == pending:
		return nil, refuse(http.StatusBadRequest, 1120, "This user has not accepted the invitation to the account.")
	default:
		return c.person, nil
	}
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
