package redisurl

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Address{
		"redis://cache":                            {Hosts: []string{"cache:6379"}},
		"redis://cache:7000/3":                     {Hosts: []string{"cache:7000"}, Database: 3},
		"redis://cache?db=3":                       {Hosts: []string{"cache:6379"}, Database: 3},
		"rediss://u:p%40%2f@[::1]:7000/":           {TLS: true, Username: "u", Password: "p@/", Hosts: []string{"[::1]:7000"}},
		"redis://:p@a:7000,b:7001,c":               {Password: "p", Hosts: []string{"a:7000", "b:7001", "c:6379"}},
		"redis://u:p@a,b:1?master=m":               {Username: "u", Password: "p", Hosts: []string{"a:26379", "b:1"}, Master: "m"},
		"rediss://a/2?master=m&sentinel_password=": {},
		"rediss://a/2?master=m&sentinel_username=v&sentinel_password=q": {
			TLS: true, Hosts: []string{"a:26379"}, Database: 2, Master: "m", SentinelUsername: "v", SentinelPassword: "q",
		},
		"unix:///run/redis.sock":          {Socket: "/run/redis.sock"},
		"unix://u:p@/run/redis.sock?db=1": {Username: "u", Password: "p", Socket: "/run/redis.sock", Database: 1},
	} {
		got, err := Parse(raw)
		if reflect.DeepEqual(want, Address{}) {
			if err == nil {
				t.Errorf("%s: %+v", raw, got)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", raw, got, err, want)
		}
	}
}

// What cannot be meant is refused with a hint, and nothing of the address is repeated.
func TestRefused(t *testing.T) {
	t.Parallel()
	for raw, hint := range map[string]string{
		"":                                   "redis://host:6379",
		"canary:6379":                        "redis://host:6379",
		"http://:canary@h/":                  "redis://host:6379",
		"redis+sentinel://canary/m":          "?master=NAME",
		"redis://":                           "redis://host:6379",
		"redis:///1":                         "host or host:port",
		"redis://canary,,b":                  "host or host:port",
		"redis://a:1:canary":                 "host or host:port",
		"redis://can ary":                    "host or host:port",
		"redis://:canary@h:port/":            "host or host:port",
		"redis://:canary@h:0":                "1 to 65535",
		"redis://:canary@h:65536":            "1 to 65535",
		"redis://u:canary@h/x":               "the database",
		"rediss://:canary@h/1/2":             "the database",
		"redis://:canary@a,b/1":              "database 0 only",
		"redis://:canary%zz@h":               "%40 for @",
		"redis://:can/ary@h":                 "%40 for @",
		"redis://:can#ary@h":                 "%40 for @",
		"redis://:can?ary@h":                 "%40 for @",
		"redis://:canary@h?addr=i:1":         "the options are",
		"redis://h?master=":                  "name=value",
		"redis://h?master=a&master=b":        "name=value",
		"redis://h?sentinel_password=canary": "master=NAME",
		"unix://":                            "redis://host:6379",
		"unix:///":                           "unix:///path/to/socket",
		"unix://canary/s":                    "unix:///path/to/socket",
		"unix:///canary?master=m":            "host:26379?master=NAME",
	} {
		switch _, err := Parse(raw); {
		case err == nil:
			t.Errorf("%q is taken", raw)
		case !strings.Contains(err.Error(), hint) || strings.Contains(err.Error(), "canary"):
			t.Errorf("%q: %v; want a hint at %s", raw, err, hint)
		}
	}
}
