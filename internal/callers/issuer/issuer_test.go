package issuer_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/claim"
	"zoomgraph/internal/callers/issuer"
)

const url = "https://id.example/realm"

// authority is an issuer in memory: a transport that answers for it.
type authority struct {
	t   *testing.T
	mu  sync.Mutex
	rsa map[string]*rsa.PrivateKey // by kid
	ec  *ecdsa.PrivateKey
	ed  ed25519.PrivateKey

	down, keysDown bool
	slow           time.Duration // until keys are answered
	discovered     int
	keysAsked      int
	keySet         func(own string) string // what is answered in place of the right keys
	configuration  string                  // in place of the right one
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, rsa: map[string]*rsa.PrivateKey{}, ec: ec}
	a.rotate("one")
	return a
}

// keyNamed makes the RSA key of a name, once for all tests.
var keyNamed = func() func(kid string) *rsa.PrivateKey {
	var mu sync.Mutex
	made := map[string]*rsa.PrivateKey{}
	return func(kid string) *rsa.PrivateKey {
		mu.Lock()
		defer mu.Unlock()
		if made[kid] == nil {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			made[kid] = key
		}
		return made[kid]
	}
}()

// rotate replaces the RSA key by one of another name.
func (a *authority) rotate(kid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.rsa)
	a.rsa[kid] = keyNamed(kid)
}

// asked is how often the keys were asked for.
func (a *authority) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.keysAsked
}

func (a *authority) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *authority) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(body)), Request: r,
			Header: http.Header{"Content-Type": {"application/json"}, "Location": {"https://elsewhere.example/"}},
		}, nil
	}
	switch {
	case a.down:
		return nil, errors.New("no route to the issuer")
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		a.discovered++
		if a.configuration != "" {
			return answer(http.StatusOK, a.configuration)
		}
		return answer(http.StatusOK, `{"issuer":"`+url+`","jwks_uri":"`+url+`/keys"}`)
	case strings.HasSuffix(r.URL.Path, "/keys"):
		a.keysAsked++
		if a.slow > 0 {
			a.mu.Unlock()
			time.Sleep(a.slow)
			a.mu.Lock()
		}
		if a.keysDown {
			return answer(http.StatusServiceUnavailable, "")
		}
		if a.keySet != nil {
			return answer(http.StatusOK, a.keySet(a.keys()))
		}
		return answer(http.StatusOK, a.keys())
	}
	a.t.Errorf("asked for %s", r.URL)
	return answer(http.StatusNotFound, "")
}

func (a *authority) keys() string {
	list := []map[string]string{}
	for kid, key := range a.rsa {
		list = append(list, map[string]string{
			"kty": "RSA", "kid": kid, "use": "sig", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	point, err := a.ec.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	list = append(list, map[string]string{"kty": "EC", "crv": "P-256", "kid": "ec", "x": encode(point[1:33]), "y": encode(point[33:])})
	text, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

type fields map[string]any

// with is a copy with some fields changed; nil takes one out.
func (f fields) with(change fields) fields {
	out := fields{}
	for _, from := range []fields{f, change} {
		for name, value := range from {
			if out[name] = value; value == nil {
				delete(out, name)
			}
		}
	}
	return out
}

func part(t *testing.T, f fields) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return encode(text)
}

// sign makes a token; by what the header says.
func (a *authority) sign(header, claims fields) string {
	a.t.Helper()
	header = fields{"alg": "RS256", "kid": "one", "typ": "JWT"}.with(header)
	text := part(a.t, header) + "." + part(a.t, claims)
	sum := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	a.mu.Lock()
	defer a.mu.Unlock()
	switch header["alg"] {
	case "RS256":
		kid, _ := header["kid"].(string)
		key := a.rsa[kid]
		if key == nil {
			for _, key = range a.rsa {
				break
			}
		}
		signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	case "ES256":
		r, s, failed := ecdsa.Sign(rand.Reader, a.ec, sum[:])
		err = failed
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "EdDSA":
		signature = ed25519.Sign(a.ed, []byte(text))
	case "HS256": // by what everybody knows
		mac := hmac.New(sha256.New, a.rsa["one"].N.Bytes())
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return text + "." + encode(signature)
}

func good() fields {
	return fields{
		"iss": url, "aud": []string{"other", "zoomgraph"}, "sub": "ada", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		"account": "b", "perms": []string{"read", "write", "offline_access"},
	}
}

// within opens an issuer, which lives as long as test does.
func within(t *testing.T, o issuer.Options, test func(t *testing.T, a *authority, i *issuer.Issuer, log *bytes.Buffer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := newAuthority(t)
		var log bytes.Buffer
		o.URL, o.Audience, o.Accounts, o.Transport, o.Logger = url, "zoomgraph", []string{"a", "b"}, a, slog.New(slog.NewTextHandler(&log, nil))
		i := issuer.Open(t.Context(), o)
		synctest.Wait()
		test(t, a, i, &log)
	})
}

var named = issuer.Options{AccountClaim: claim.Path{"account"}, AllowClaim: claim.Path{"perms"}, Allow: callers.Secrets}

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		header, claims fields
		damage         func(string) string
		may            callers.Permissions
		why            string // "": it is good
	}{
		{name: "a good one", may: callers.Read | callers.Write},
		{name: "by an elliptic curve", header: fields{"alg": "ES256", "kid": "ec"}, may: callers.Read | callers.Write},
		{name: "of RFC 9068", header: fields{"typ": "application/AT+JWT"}, may: callers.Read | callers.Write},
		{name: "without a type", header: fields{"typ": nil}, may: callers.Read | callers.Write},
		{name: "for one audience", claims: fields{"aud": "zoomgraph"}, may: callers.Read | callers.Write},
		{name: "of no permissions", claims: fields{"perms": nil}, may: 0},
		{name: "of permissions that are null", claims: fields{"perms": json.RawMessage("null")}, may: 0},
		{name: "of unknown permissions", claims: fields{"perms": "openid READ admin"}, may: 0},
		{name: "of permissions among others", claims: fields{"perms": []any{7, "read", nil, "admin"}}, may: callers.Read},
		{name: "of permissions in a text", claims: fields{"perms": "openid secrets read"}, may: callers.Read | callers.Secrets},
		{name: "of permissions in a number", claims: fields{"perms": 7}, may: 0},
		{name: "of an empty list", claims: fields{"perms": []string{}}, may: 0},
		{name: "expired a moment ago", claims: fields{"exp": time.Now}, may: callers.Read | callers.Write},

		{name: "expired", claims: fields{"exp": -31}, why: "expired"},
		{name: "that never expires", claims: fields{"exp": nil}, why: "does not say when it expires"},
		{name: "not yet good", claims: fields{"nbf": 31}, why: "not good yet"},
		{name: "not yet good, in words", claims: fields{"nbf": "later"}, why: "from when it is good"},
		{name: "expired, in words", claims: fields{"exp": "soon"}, why: "when it expires"},
		{name: "expired before time began", claims: fields{"exp": json.RawMessage("-1e300")}, why: "when it expires"},
		{name: "good for ever and ever", claims: fields{"exp": json.RawMessage("1e300")}, may: callers.Read | callers.Write},
		{name: "for an empty list of audiences", claims: fields{"aud": []string{}}, why: "not meant"},
		{name: "for nobody, who is its client", claims: fields{"aud": nil, "client_id": "zoomgraph"}, why: "for whom"},
		{name: "an ID token", claims: fields{"at_hash": "x"}, why: "ID token"},
		{name: "an ID token of Cognito", claims: fields{"token_use": "id"}, why: "ID token"},
		{name: "an ID token of Keycloak", claims: fields{"typ": "ID"}, why: "ID token"},
		{name: "an access token that says so", claims: fields{"token_use": "access", "typ": "Bearer", "nonce": "x"}, may: callers.Read | callers.Write},
		{name: "for others", claims: fields{"aud": "other"}, why: "not meant for this service"},
		{name: "for nobody", claims: fields{"aud": nil}, why: "for whom it is"},
		{name: "of nobody", claims: fields{"sub": nil}, why: "whose it is"},
		{name: "of no account", claims: fields{"account": nil}, why: "no account"},
		{name: "of another's account", claims: fields{"account": "c"}, why: "no account"},
		{name: "of two accounts", claims: fields{"account": []string{"a", "b"}}, why: "no account"},
		{name: "to end a session", header: fields{"typ": "logout+jwt"}, why: "type"},
		{name: "not signed", header: fields{"alg": "none"}, why: "not signed"},
		{name: "signed by what is public", header: fields{"alg": "HS256"}, why: "not signed"},
		{name: "by a key of another name", header: fields{"kid": "two"}, why: "not signed"},
		{name: "with a header that must be understood", header: fields{"crit": []string{"x"}, "x": 1}, why: "not signed"},
		{name: "with another's claims", damage: func(token string) string {
			parts := strings.Split(token, ".")
			parts[1] = encode([]byte(`{"iss":"` + url + `","sub":"root","aud":"zoomgraph","account":"a","exp":99999999999}`))
			return strings.Join(parts, ".")
		}, why: "not signed"},
		{name: "cut", damage: func(token string) string { return token[:len(token)-4] }, why: "not signed"},
		{name: "with no header", damage: func(token string) string { return "e30x" + token[strings.IndexByte(token, '.'):] }, why: "header cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			within(t, named, func(t *testing.T, a *authority, i *issuer.Issuer, log *bytes.Buffer) {
				for name, value := range tt.claims {
					switch value := value.(type) {
					case int:
						if name == "exp" || name == "nbf" {
							tt.claims[name] = time.Now().Unix() + int64(value)
						}
					case func() time.Time:
						tt.claims[name] = value().Unix() - 29
					}
				}
				token := a.sign(tt.header, good().with(tt.claims))
				if tt.damage != nil {
					token = tt.damage(token)
				}
				if err := i.Issued(token); err != nil {
					t.Errorf("the token is not known as the issuer's: %v", err)
				}
				who, until, err := i.Verify(t.Context(), token)
				if tt.why != "" {
					var refused *callers.Error
					if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized || !strings.Contains(err.Error(), tt.why) || who.Name != "" {
						t.Errorf("%+v, %v; want an error that says %q", who, err, tt.why)
					}
					return
				}
				if err != nil || who.Name != "jwt:ada" || who.Account != "b" || who.Permissions != tt.may || !until.After(time.Now()) || who.Class != "" || who.Token != "" {
					t.Errorf("%v of %q may %s until %v, %v; want %s", who, who.Account, who.Permissions, until, err, tt.may)
				}
				if strings.Contains(log.String(), token[:20]) {
					t.Errorf("the token is in the log: %s", log)
				}
			})
		})
	}
}

func TestIssued(t *testing.T) {
	t.Parallel()
	within(t, named, func(t *testing.T, a *authority, i *issuer.Issuer, _ *bytes.Buffer) {
		for _, token := range []string{
			"", "a.b", "a.b.c", "a." + encode([]byte("{}")) + ".c", a.sign(nil, good().with(fields{"iss": url + "/"})), a.sign(nil, good().with(fields{"iss": "zm:cid:x"})),
			a.sign(nil, good()) + ".d",
		} {
			if i.Issued(token) == nil {
				t.Errorf("%q is taken for the issuer's", token)
			}
		}
	})
}

// TestOnlyAccount: without a claim there is one account, and names that cannot stand in a log are made so.
func TestOnlyAccount(t *testing.T) {
	t.Parallel()
	within(t, issuer.Options{Allow: callers.All}, func(t *testing.T, a *authority, i *issuer.Issuer, _ *bytes.Buffer) {
		who, _, err := i.Verify(t.Context(), a.sign(nil, good().with(fields{"sub": "a\nb é" + strings.Repeat("x", 100)})))
		if err != nil || who.Account != "a" || who.Permissions != callers.All || !strings.HasPrefix(who.Name, "jwt:a_b__xx") || len(who.Name) != 68 {
			t.Errorf("%v of %q may %s, %v", who, who.Account, who.Permissions, err)
		}
	})
}

func unavailable(err error) bool {
	var refused *callers.Error
	return errors.As(err, &refused) && refused.Status == http.StatusServiceUnavailable
}

// TestIssuerIsDownAtFirst: nobody is refused for what cannot be checked, and the issuer is found when it is back.
func TestIssuerIsDownAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAuthority(t)
		a.down = true
		i := issuer.Open(t.Context(), issuer.Options{URL: url, Audience: "zoomgraph", Accounts: []string{"a"}, Transport: a})
		synctest.Wait()
		token := a.sign(nil, good())
		if _, _, err := i.Verify(t.Context(), token); !unavailable(err) || i.Ready() == nil {
			t.Errorf("got %v, %v", err, i.Ready())
		}
		time.Sleep(10 * time.Minute)
		a.set(func() { a.down = false })
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if _, _, err := i.Verify(t.Context(), token); err != nil || i.Ready() != nil {
			t.Errorf("got %v, %v", err, i.Ready())
		}
	})
}

func TestIssuerThatIsNone(t *testing.T) {
	t.Parallel()
	for _, configuration := range []string{
		`{"issuer":"https://other.example","jwks_uri":"` + url + `/keys"}`, `{"issuer":"` + url + `"}`, `<html>`, `{"issuer":"` + url + `","jwks_uri":7}`,
		`{"issuer":"` + url + `","jwks_uri":"` + strings.Replace(url, "https:", "http:", 1) + `/keys"}`,
		`{"issuer":"` + url + `","jwks_uri":"` + url + `/keys","x":"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAuthority(t)
			a.configuration = configuration
			var log bytes.Buffer
			i := issuer.Open(t.Context(), issuer.Options{URL: url, Transport: a, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			synctest.Wait()
			if i.Ready() == nil || log.Len() == 0 || log.Len() > 1000 {
				t.Errorf("%.80s is an issuer; log: %.200s", configuration, log.String())
			}
		})
	}
}
