package config_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"zoomgraph/internal/config"
)

// within are texts with the same value in them, as shells, editors and tools hand them over; "" is what is refused.
func within(value string) map[string]string {
	return map[string]string{
		value: value, value + "\n": value, value + "\r\n": value, value + "\r": value, value + "\n\n": value, "\ufeff" + value: value,
		"\ufeff\ufeff" + value + "\r\n": value,
	}
}

// refused are additions that no value has, with what is said of them.
func refused(value string) map[string]string {
	n := len(value)
	first, last := fmt.Sprintf("character 1 of %d is ", n+1), fmt.Sprintf("character %d of %d is ", n+1, n+1)
	return map[string]string{
		" " + value:                      first + "a space (U+0020)",
		value + " ":                      last + "a space (U+0020)",
		value + "\t":                     last + "a tab (U+0009)",
		value + " \n":                    last + "a space (U+0020)",
		"\n" + value:                     first + "a line feed (U+000A)",
		value + "\u00a0":                 last + "a no-break space (U+00A0)",
		value + "\u200b":                 last + "a zero-width space (U+200B)",
		"\u200d" + value:                 first + "a zero-width joiner (U+200D)",
		"\u200e" + value:                 first + "a left-to-right mark (U+200E)",
		value + "\u2060":                 last + "a word joiner (U+2060)",
		value + "\ufeff":                 last + "a byte order mark (U+FEFF)",
		value + "\u3000":                 last + "an invisible character (U+3000)",
		value + "\u202e":                 last + "an invisible character (U+202E)",
		value + "\ufe0f":                 last + "an invisible character (U+FE0F)",
		value + "\x1b":                   last + "a control character (U+001B)",
		value + "\x00":                   last + "a NUL",
		value + "\u00e9":                 last + "none of ASCII",
		"\"" + value + "\"":              fmt.Sprintf("character 1 of %d is a quotation mark", n+2),
		"'" + value + "'":                fmt.Sprintf("character 1 of %d is a quotation mark", n+2),
		value + "\"":                     last + "a quotation mark",
		"\u201c" + value + "\u201d":      fmt.Sprintf("character 1 of %d is a typographic quotation mark (U+201C)", n+2),
		value[:3] + "\u2013" + value[3:]: fmt.Sprintf("character 4 of %d is a dash (U+2013)", n+1),
		value[:3] + "\u200b" + value[3:]: fmt.Sprintf("character 4 of %d is a zero-width space (U+200B)", n+1),
		"ZOOM_CLIENT_SECRET=" + value:    "only the value belongs here",
		"export ZOOM_CLIENT_ID=" + value: "only the value belongs here",
	}
}

// place is where a value can be given, and where it is found then.
type place struct {
	give func(t *testing.T, text string) (file string, env map[string]string, args []string)
	at   string // in messages
	got  func(*config.Serve) string
}

func places() map[string]place {
	credentials := func(name, text string) map[string]string {
		env := map[string]string{"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "id", "ZOOM_CLIENT_SECRET": "other"}
		env[name] = text
		return env
	}
	variable := func(name string) func(*testing.T, string) (string, map[string]string, []string) {
		return func(_ *testing.T, text string) (string, map[string]string, []string) {
			return "", credentials(name, text), nil
		}
	}
	inFile := func(t *testing.T, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "value")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret := func(s *config.Serve) string { return string(s.ClientSecret) }
	return map[string]place{
		"account id": {variable("ZOOM_ACCOUNT_ID"), "ZOOM_ACCOUNT_ID: ", func(s *config.Serve) string { return s.AccountID }},
		"client id":  {variable("ZOOM_CLIENT_ID"), "ZOOM_CLIENT_ID: ", func(s *config.Serve) string { return s.ClientID }},
		"secret":     {variable("ZOOM_CLIENT_SECRET"), "ZOOM_CLIENT_SECRET: ", secret},
		"secret as a flag": {func(_ *testing.T, text string) (string, map[string]string, []string) {
			env := credentials("", "")
			delete(env, "ZOOM_CLIENT_SECRET")
			return "", env, []string{"--zoom-client-secret=" + text}
		}, "--zoom-client-secret: ", secret},
		"secret's file": {func(t *testing.T, text string) (string, map[string]string, []string) {
			t.Helper()
			env := credentials("ZOOM_CLIENT_SECRET_FILE", inFile(t, text))
			delete(env, "ZOOM_CLIENT_SECRET")
			return "", env, nil
		}, "ZOOM_CLIENT_SECRET_FILE: ", secret},
		"secret's file of an account": {func(t *testing.T, text string) (string, map[string]string, []string) {
			t.Helper()
			return "accounts:\n  acct-a: {zoom_account_id: a, client_id: b, client_secret_file: " + inFile(t, text) + "}", nil, nil
		}, "conf.yaml:2: acct-a: client_secret_file: ", func(s *config.Serve) string { return string(s.Accounts()[0].ClientSecret) }},
		"webhook secret's file": {func(t *testing.T, text string) (string, map[string]string, []string) {
			t.Helper()
			return "accounts:\n  acct-a: {zoom_account_id: a, client_id: b, client_secret: c, webhook_secret_file: " + inFile(t, text) + "}", nil, nil
		}, "conf.yaml:2: acct-a: webhook_secret_file: ", func(s *config.Serve) string { return string(s.Accounts()[0].WebhookSecret) }},
		"client of an account": {func(_ *testing.T, text string) (string, map[string]string, []string) {
			return fmt.Sprintf("accounts:\n  acct-a:\n    zoom_account_id: a\n    client_id: %s\n    client_secret: c\n", quoted(text)), nil, nil
		}, "conf.yaml:4: client_id: ", func(s *config.Serve) string { return s.Accounts()[0].ClientID }},
		"app of signing in": {func(_ *testing.T, text string) (string, map[string]string, []string) {
			return "", map[string]string{"ZOOMGRAPH_SIGN_IN_CLIENT_ID": text, "ZOOMGRAPH_SIGN_IN_CLIENT_SECRET": "b"}, nil
		}, "ZOOMGRAPH_SIGN_IN_CLIENT_ID: ", func(s *config.Serve) string { return s.SignIn.ClientID }},
		"secret of signing in": {func(_ *testing.T, text string) (string, map[string]string, []string) {
			return "", map[string]string{"ZOOMGRAPH_SIGN_IN_CLIENT_ID": "a", "ZOOMGRAPH_SIGN_IN_CLIENT_SECRET": text}, nil
		}, "ZOOMGRAPH_SIGN_IN_CLIENT_SECRET: ", func(s *config.Serve) string { return string(s.SignIn.ClientSecret) }},
	}
}

// quoted is a text as a YAML value with escapes.
func quoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, "\\U%08x", r)
	}
	return `"` + b.String() + `"`
}

// Ids and secrets are taken without what is around them by accident, or refused by name and position; never with it.
func TestPlainValues(t *testing.T) {
	t.Parallel()
	const value = "aCANARY8"
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for text, want := range within(value) {
				file, env, args := p.give(t, text)
				cmd, err := parse(t, file, env, args...)
				if err != nil {
					t.Errorf("%q: %v", text, err)
				} else if got := p.got(cmd.(*config.Serve)); got != want {
					t.Errorf("%q: %q", text, got)
				}
			}
			for text, want := range refused(value) {
				file, env, args := p.give(t, text)
				_, err := parse(t, file, env, args...)
				switch {
				case err == nil:
					t.Errorf("%q is taken", text)
				case !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), p.at):
					t.Errorf("%q: %v; want %s, at %s", text, err, want, p.at)
				case strings.Contains(err.Error(), "CANARY"):
					t.Errorf("%q: the value is shown: %v", text, err)
				}
			}
		})
	}
}

// Addresses and other values are cleared of the same.
func TestPlainAddresses(t *testing.T) {
	t.Parallel()
	cmd, err := parse(t, "", map[string]string{
		"ZOOMGRAPH_REDIS_URL": "redis://r\r\n", "ZOOMGRAPH_ADDR": "127.0.0.1:9\r", "ZOOMGRAPH_CACHE_TTL": "5s\r", "ZOOM_PLAN": "business\n",
		"ZOOMGRAPH_ALLOWED_ORIGINS": "https://a.example\r", "ZOOM_ACCOUNT_ID": "\r\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	s := cmd.(*config.Serve)
	if s.RedisURL != "redis://r" || s.Addr != "127.0.0.1:9" || s.CacheTTL.String() != "5s" || s.Plan != config.PlanBusiness || s.AllowedOrigins[0] != "https://a.example" {
		t.Errorf("%+v", s)
	}
	for name, value := range map[string]string{
		"ZOOMGRAPH_REDIS_URL": "redis://:canary@r\u200b", "ZOOM_API_URL": "https://api.zoom.us\u00a0/v2", "ZOOM_OAUTH_URL": " https://zoom.us/oauth",
		"ZOOMGRAPH_PUBLIC_URL": "https://a.example\u200b", "ZOOMGRAPH_ADDR": "\u201c127.0.0.1:9\u201d", "ZOOMGRAPH_ALLOWED_ORIGINS": "https://a.example,\u00a0https://b.example",
	} {
		if _, err := parse(t, "", map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name+": character ") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s=%q: %v", name, value, err)
		}
	}
}

// Files may be of any editor: with a byte order mark, with lines that end in CR and LF, in UTF-16 if they say so.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const conf, secret = "zoom_account_id: acct\nzoom_client_id: id\nzoom_client_secret_file: %s\ncache_ttl: 7s\n", "s3cret\r\n"
	for name, encode := range map[string]func(string) string{
		"UTF-8":             func(s string) string { return s },
		"a byte order mark": func(s string) string { return "\ufeff" + s },
		"CR and LF":         func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"UTF-16LE":          func(s string) string { return utf16Of(s, binary.LittleEndian) },
		"UTF-16BE":          func(s string) string { return utf16Of(s, binary.BigEndian) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(encode(secret)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd, err := parse(t, encode(fmt.Sprintf(conf, path)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if s := cmd.(*config.Serve); s.AccountID != "acct" || s.ClientID != "id" || s.ClientSecret != "s3cret" || s.CacheTTL.String() != "7s" {
				t.Errorf("%q, %q, %q, %v", s.AccountID, s.ClientID, string(s.ClientSecret), s.CacheTTL)
			}
		})
	}
	for text, want := range map[string]string{
		"c\x00a\x00":     "a NUL, as UTF-16 without a byte order mark",
		"\xff\xfec\x00a": "ends in the middle",
		"caf\xe9":        "is not UTF-8",
		"line\nline\n":   "a line feed (U+000A)",
		"\ufeff\r\n":     "is empty",
	} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := parse(t, "", map[string]string{"ZOOM_CLIENT_SECRET_FILE": path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := parse(t, "caf\xe9: 1", nil); err == nil || !strings.Contains(err.Error(), "conf.yaml is not UTF-8") {
		t.Error(err)
	}
}

func utf16Of(s string, order binary.AppendByteOrder) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}
