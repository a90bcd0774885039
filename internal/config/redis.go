package config

import (
	"crypto/x509"
	"fmt"

	"zoomgraph/internal/redisurl"
)

// maxCAFile bounds a file of certificates, in bytes.
const maxCAFile = 4 << 20

// RedisCAs are the authorities that may sign the Redis' certificate; nil: those that the system trusts.
func (z *Zoom) RedisCAs() *x509.CertPool { return z.redisCAs }

// checkRedis refuses what is no address of a Redis, and reads the certificates. Its errors do not show the address, which
// may hold a password.
func (z *Zoom) checkRedis(src *sources) error {
	var address redisurl.Address
	if z.RedisURL != "" {
		var err error
		if address, err = redisurl.Parse(string(z.RedisURL)); err != nil {
			return fmt.Errorf("%s: %w", src.name("redis-url"), err)
		}
	}
	if z.RedisCAFile == "" {
		return nil
	}
	if !address.TLS {
		return fmt.Errorf("%s: certificates are for a Redis with TLS; write rediss:// in --redis-url, or leave this out", src.name("redis-ca-file"))
	}
	content, err := readBounded(z.RedisCAFile, maxCAFile)
	if err != nil {
		return fmt.Errorf("%s: %w", src.name("redis-ca-file"), err)
	}
	text, _ := decoded(content) // what is no text holds no certificate
	z.redisCAs = x509.NewCertPool()
	if !z.redisCAs.AppendCertsFromPEM([]byte(text)) {
		return fmt.Errorf("%s: %s holds no certificate; it needs blocks that begin with -----BEGIN CERTIFICATE-----", src.name("redis-ca-file"), z.RedisCAFile)
	}
	return nil
}
