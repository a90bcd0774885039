// Package redisurl reads the address of a Redis:
//
//	redis://[user:password@]host[:6379][/database]       one server, or any node of a cluster
//	redis://[user:password@]host1,host2,host3            several nodes of one cluster
//	redis://[user:password@]host1,host2?master=NAME      Sentinels (port 26379), which know the server by that name
//	rediss://…                                           each of these with TLS
//	unix://[user:password@]/path/to/socket[?db=1]        a socket
//
// User and password are the server's. Sentinels that want their own take them from sentinel_username and
// sentinel_password in the query.
package redisurl

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The ports of addresses that name none.
const (
	serverPort   = "6379"
	sentinelPort = "26379"
)

// Address says how to reach a Redis.
type Address struct {
	TLS      bool
	Socket   string   // path of a Unix socket; "": Hosts are asked
	Hosts    []string // each as host:port; several of a cluster, or Sentinels
	Database int

	Username, Password string

	Master                             string // what Sentinels call the server; "": Hosts are no Sentinels
	SentinelUsername, SentinelPassword string
}

var errForm = errors.New("not the address of a Redis; write redis://host:6379, rediss://host:6379 (TLS), unix:///path/to/socket, " +
	"redis://host1:6379,host2:6379 (a cluster), or redis://host1:26379,host2:26379?master=NAME (Sentinels)")

// Parse reads an address. Its error says what to change and repeats nothing of the address, which may hold a password.
func Parse(raw string) (Address, error) {
	scheme, rest, _ := strings.Cut(raw, "://")
	if rest == "" || !slices.Contains([]string{"redis", "rediss", "unix"}, scheme) {
		return Address{}, errForm
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	authority, tail := rest[:end], rest[end:]
	at := strings.LastIndexByte(authority, '@') + 1
	hosts := authority[at:]
	// The standard library knows no list of hosts: it reads what is around them.
	u, err := url.Parse(scheme + "://" + authority[:at] + "h" + tail)
	if err != nil || u.Fragment != "" || strings.Contains(rest[end:], "@") {
		return Address{}, errors.New("the address cannot be read; in a user name or password write %40 for @, %2F for /, %3A for :, %23 for #, %3F for ? and %25 for %")
	}
	a := Address{TLS: scheme == "rediss", Username: u.User.Username()}
	a.Password, _ = u.User.Password()
	if err := a.options(u.Query()); err != nil {
		return Address{}, err
	}
	if scheme == "unix" {
		err := a.socket(hosts, u.Path)
		return a, err
	}
	if err := a.hosts(hosts); err != nil {
		return Address{}, err
	}
	if err := a.database(strings.Trim(u.Path, "/")); err != nil {
		return Address{}, err
	}
	if len(a.Hosts) > 1 && a.Master == "" && a.Database != 0 {
		return Address{}, errors.New("a cluster has database 0 only; leave the database out, or add ?master=NAME if the hosts are Sentinels")
	}
	return a, nil
}

// options reads the query.
func (a *Address) options(query url.Values) error {
	known := map[string]*string{"master": &a.Master, "sentinel_username": &a.SentinelUsername, "sentinel_password": &a.SentinelPassword}
	for name, values := range query {
		into := known[name]
		switch {
		case len(values) != 1 || values[0] == "":
			return errors.New("each option behind the question mark of the address has one value; write name=value once")
		case name == "db":
			if err := a.database(values[0]); err != nil {
				return err
			}
		case into == nil:
			return errors.New("the address has an option behind its question mark that is not known; the options are db, master, sentinel_username and sentinel_password")
		default:
			*into = values[0]
		}
	}
	if a.Master == "" && a.SentinelUsername+a.SentinelPassword != "" {
		return errors.New("sentinel_username and sentinel_password are for Sentinels; add master=NAME, or leave them out")
	}
	return nil
}

func (a *Address) socket(host, path string) error {
	switch {
	case host != "" || len(path) < 2:
		return errors.New("a unix address needs the whole path of a socket; write unix:///path/to/socket")
	case a.Master != "":
		return errors.New("a socket leads to no Sentinel; write redis://host:26379?master=NAME")
	}
	a.Socket = path
	return nil
}

func (a *Address) hosts(list string) error {
	usual := serverPort
	if a.Master != "" {
		usual = sentinelPort
	}
	for host := range strings.SplitSeq(list, ",") {
		u, err := url.Parse("redis://" + host)
		if err != nil || u.Hostname() == "" || u.Host != host || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errors.New("there is a host in the address that is none; write host or host:port, several with commas between them, and [::1]:6379 for IPv6")
		}
		port := cmp.Or(u.Port(), usual)
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errors.New("there is a port in the address that is none; write a number from 1 to 65535")
		}
		a.Hosts = append(a.Hosts, net.JoinHostPort(u.Hostname(), port))
	}
	return nil
}

func (a *Address) database(text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 15)
	if err != nil {
		return errors.New("the database in the address is no number; write it behind the host, such as redis://host:6379/1 (unix:///path/to/socket?db=1)")
	}
	a.Database = int(n)
	return nil
}
