package issuer_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
)

// TestRotation: a new key is looked for when a token has it, but not for each token that somebody makes up: so a flood of
// those keeps a real one out for ten seconds at most.
func TestRotation(t *testing.T) {
	t.Parallel()
	within(t, named, func(t *testing.T, a *authority, i *issuer.Issuer, log *bytes.Buffer) {
		verify := func(kid string) error {
			_, _, err := i.Verify(t.Context(), a.sign(fields{"kid": kid}, good()))
			return err
		}
		if err := verify("one"); err != nil || a.asked() != 1 {
			t.Errorf("%v, asked %d times", err, a.asked())
		}
		if err := verify("made up"); err == nil || unavailable(err) {
			t.Errorf("the issuer was asked, and does not have the key: %v", err)
		}
		if a.asked() != 2 {
			t.Errorf("asked %d times", a.asked())
		}
		old := a.sign(nil, good())
		a.rotate("two")
		if err := verify("two"); !unavailable(err) {
			t.Errorf("a key that may be new: %v", err)
		}
		for n := range 100 { // in ten seconds
			if err := verify("made up " + strconv.Itoa(n)); err == nil {
				t.Error("a made up key is good")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := verify("two"); err != nil || a.asked() != 3 {
			t.Errorf("%v, asked %d times", err, a.asked())
		}
		if _, _, err := i.Verify(t.Context(), old); err == nil {
			t.Error("the old key is still good")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		a.set(func() { a.keysDown = true })
		if err := verify("two"); err != nil {
			t.Errorf("a known key is not good while the issuer is down: %v", err)
		}
		a.rotate("three")
		if err := verify("three"); !unavailable(err) || !strings.Contains(log.String(), "the keys of the issuer cannot be read") {
			t.Errorf("got %v; log: %s", err, log)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.discovered < 2 {
			t.Error("the issuer is not looked for again")
		}
	})
}

// TestOneLook: tokens that come at the same moment wait for one look, and beyond a bound for none.
func TestOneLook(t *testing.T) {
	t.Parallel()
	within(t, named, func(t *testing.T, a *authority, i *issuer.Issuer, _ *bytes.Buffer) {
		a.rotate("two")
		token := a.sign(fields{"kid": "two"}, good())
		a.set(func() { a.slow = time.Second })
		results := make(chan error, 500)
		for range cap(results) {
			go func() {
				_, _, err := i.Verify(t.Context(), token)
				results <- err
			}()
		}
		well := 0
		for range cap(results) {
			switch err := <-results; {
			case err == nil:
				well++
			case !unavailable(err):
				t.Errorf("got %v", err)
			}
		}
		if well != 64 || a.asked() != 2 {
			t.Errorf("%d tokens waited, and the keys were asked for %d times", well, a.asked())
		}
	})
}

// TestKeysAreDown: a token that cannot be checked is not refused.
func TestKeysAreDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAuthority(t)
		a.keysDown = true
		i := issuer.Open(t.Context(), issuer.Options{URL: url, Audience: "zoomgraph", Accounts: []string{"a"}, Transport: a})
		synctest.Wait()
		if _, _, err := i.Verify(t.Context(), a.sign(nil, good())); !unavailable(err) || i.Ready() == nil || !strings.Contains(i.Ready().Error(), "/keys") {
			t.Errorf("got %v, %v", err, i.Ready())
		}
		a.set(func() { a.keysDown = false })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if _, _, err := i.Verify(t.Context(), a.sign(nil, good())); err != nil || i.Ready() != nil {
			t.Errorf("got %v, %v", err, i.Ready())
		}
	})
}

// spliced puts keys before those of an issuer.
func spliced(keys ...string) func(string) string {
	return func(own string) string {
		return `{"keys":[` + strings.Join(keys, ",") + "," + strings.TrimPrefix(own, `{"keys":[`)
	}
}

// rsaOf is a key of so many bits.
func rsaOf(bits int, more string) string {
	n := bytes.Repeat([]byte{0xff}, bits/8)
	return fmt.Sprintf(`{"kty":"RSA","kid":"odd","n":%q,"e":"AQAB"%s}`, encode(n), more)
}

// TestOddKeys: a key that cannot be used takes no other along, and is named in the log, once.
func TestOddKeys(t *testing.T) {
	t.Parallel()
	const ec = `{"kty":"EC","crv":"P-256","kid":"odd","x":%q,"y":%q}`
	for _, tt := range []struct {
		name, key, why string
	}{
		{"an unknown curve", `{"kty":"EC","crv":"secp256k1","kid":"odd","x":"AA","y":"AA"}`, "unsupported elliptic curve"},
		{"an unknown type", `{"kty":"AKP","kid":"odd","alg":"ML-DSA-44","pub":"AA"}`, `kid \"odd\", kty \"AKP\"`},
		{"no type", `{"kid":"odd"}`, "missing"},
		{"a type that is a number", `{"kid":"odd","kty":7}`, "kty"},
		{"no n", `{"kty":"RSA","kid":"odd","e":"AQAB"}`, "missing n"},
		{"no e", `{"kty":"RSA","kid":"odd","n":"AQAB"}`, "missing n/e"},
		{"no base64", `{"kty":"RSA","kid":"odd","n":"=!","e":"AQAB"}`, "illegal base64"},
		{"an id that is a number", `{"kty":"RSA","kid":7,"n":"AQAB","e":"AQAB"}`, "kid"},
		{"512 bits", rsaOf(512, ""), "512 bits"},
		{"16,384 bits", rsaOf(16384, ""), "16384 bits"},
		{"e that is 1", strings.Replace(rsaOf(2048, ""), "AQAB", "AQ", 1), "exponent"},
		{"e that is 0", strings.Replace(rsaOf(2048, ""), "AQAB", "AA", 1), "exponent"},
		{"to encrypt", rsaOf(2048, `,"use":"enc"`), "use"},
		{"for nothing", rsaOf(2048, `,"use":null`), "use"},
		{"to wrap keys", rsaOf(2048, `,"key_ops":["wrapKey"]`), "key_ops"},
		{"of an algorithm that encrypts", rsaOf(2048, `,"alg":"RSA-OAEP"`), "alg"},
		{"of an algorithm of another type", rsaOf(2048, `,"alg":"ES256"`), "alg"},
		{"a symmetric one", `{"kty":"oct","kid":"odd","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}`, "it is symmetric, and published"},
		{"a private one", rsaOf(2048, `,"d":"AQAB"`), "private"},
		{"off its curve", fmt.Sprintf(ec, encode(bytes.Repeat([]byte{1}, 32)), encode(bytes.Repeat([]byte{1}, 32))), "curve"},
		{"with short coordinates", fmt.Sprintf(ec, "AQ", "AQ"), "EC"},
		{"an Ed25519 of a few bytes", `{"kty":"OKP","crv":"Ed25519","kid":"odd","x":"AQ"}`, "bytes"},
		{"an X25519", `{"kty":"OKP","crv":"X25519","kid":"odd","x":"AQ"}`, "OKP"},
		{"null", `null`, "no JSON object"},
		{"a list", `[]`, "no JSON object"},
		{"a text", `"key"`, "no JSON object"},
		{"an empty one", `{}`, "missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAuthority(t)
				a.keySet = spliced(tt.key, tt.key)
				var log bytes.Buffer
				o := named
				o.URL, o.Audience, o.Accounts, o.Transport, o.Logger = url, "zoomgraph", []string{"a", "b"}, a, slog.New(slog.NewTextHandler(&log, nil))
				i := issuer.Open(t.Context(), o)
				synctest.Wait()
				for _, header := range []fields{nil, {"alg": "ES256", "kid": "ec"}, {"kid": nil}} {
					if _, _, err := i.Verify(t.Context(), a.sign(header, good())); err != nil {
						t.Errorf("a token of a good key: %v", err)
					}
				}
				if i.Ready() != nil || i.Keys() != "2 keys usable, 2 skipped" {
					t.Errorf("%v; %s", i.Ready(), i.Keys())
				}
				if _, _, err := i.Verify(t.Context(), a.sign(fields{"alg": "HS256", "kid": "odd"}, good())); err == nil {
					t.Error("a token of a key that is skipped is good")
				}
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				if told := strings.Count(log.String(), "keys of the issuer are skipped"); told != 1 || !strings.Contains(log.String(), tt.why) {
					t.Errorf("the log says %d times, and not %q: %s", told, tt.why, log.String())
				}
			})
		})
	}
}

// TestKeySets: what of a whole set is used.
func TestKeySets(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	many := func(n int, key string) func(string) string {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = strings.Replace(key, `"odd"`, strconv.Quote("k"+strconv.Itoa(i)), 1)
		}
		return spliced(keys...)
	}
	whole := func(set string) func(string) string { return func(string) string { return set } }
	for _, tt := range []struct {
		name   string
		set    func(string) string
		header fields
		ready  bool
		well   bool
		keys   string
	}{
		{"certificates that are none", func(own string) string {
			return strings.ReplaceAll(own, `"kty"`, `"x5c":["garbage"],"x5t":"!","x5u":"::","kty"`)
		}, nil, true, true, "2 keys usable, 0 skipped"},
		{"an id that is there twice", spliced(strings.Replace(rsaOf(2048, ""), "odd", "one", 1)), nil, true, true, "3 keys usable, 0 skipped"},
		{"an Ed25519 key", spliced(fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","key_ops":["verify"],"kid":"ed","x":%q}`, encode(public))), fields{"alg": "EdDSA", "kid": "ed"}, true, true, "3 keys usable, 0 skipped"},
		{"keys of another algorithm", func(own string) string { return strings.ReplaceAll(own, `"kty":"RSA"`, `"alg":"PS256","kty":"RSA"`) }, nil, true, false, "2 keys usable, 0 skipped"},
		{"a thousand keys", many(1000, rsaOf(2048, "")), nil, true, true, "1002 keys usable, 0 skipped"},
		{"three thousand keys", many(3000, rsaOf(2048, "")), nil, true, false, "2000 keys usable, 1002 skipped"},
		{"thousands that cannot be used", many(3000, `{"kty":"EC","kid":"odd"}`), nil, true, true, "2 keys usable, 3000 skipped"},
		{"5 MiB", spliced(`{"kty":"RSA","kid":"x","x5c":["` + strings.Repeat("A", 5<<20) + `"]}`), nil, true, true, "2 keys usable, 1 skipped"},
		{"9 MiB", spliced(`{"kty":"RSA","kid":"x","x5c":["` + strings.Repeat("A", 9<<20) + `"]}`), nil, false, false, "no keys yet"},
		{"none", whole(`{"keys":[]}`), nil, false, false, "0 keys usable, 0 skipped"},
		{"only one that cannot be used", whole(`{"keys":[{"kty":"oct","k":"AAAA"}]}`), nil, false, false, "0 keys usable, 1 skipped"},
		{"null", whole(`{"keys":null}`), nil, false, false, "no keys yet"},
		{"no set", whole(`{}`), nil, false, false, "no keys yet"},
		{"a list", whole(`[]`), nil, false, false, "no keys yet"},
		{"an object of keys", whole(`{"keys":{"one":{}}}`), nil, false, false, "no keys yet"},
		{"no JSON", whole(`<html>`), nil, false, false, "no keys yet"},
		{"what is cut", func(own string) string { return own[:len(own)-2] }, nil, false, false, "no keys yet"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAuthority(t)
				a.keySet, a.ed = tt.set, private
				var log bytes.Buffer
				i := issuer.Open(t.Context(), issuer.Options{
					URL: url, Audience: "zoomgraph", Accounts: []string{"a"}, Allow: callers.Read, Transport: a, Logger: slog.New(slog.NewTextHandler(&log, nil)),
				})
				synctest.Wait()
				_, _, err := i.Verify(t.Context(), a.sign(tt.header, good()))
				if well := err == nil; well != tt.well || (i.Ready() == nil) != tt.ready || i.Keys() != tt.keys {
					t.Errorf("%v; %v; %s", err, i.Ready(), i.Keys())
				}
				if !tt.ready && log.Len() == 0 || log.Len() > 10_000 {
					t.Errorf("the log has %d bytes: %.2000s", log.Len(), log.String())
				}
			})
		})
	}
}
