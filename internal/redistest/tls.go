package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// StartTLS starts a server with a certificate for 127.0.0.1, which an authority
// of the test has signed. It returns its URL and the file of that authority.
func StartTLS(t testing.TB, args ...string) (srv *Server, url, caFile string) {
	t.Helper()
	dir := t.TempDir()
	caFile = filepath.Join(dir, "ca.pem")
	ca, caKey := certificate(t, "authority", nil, nil)
	write(t, caFile, "CERTIFICATE", ca.Raw)
	leaf, key := certificate(t, "redis", ca, caKey)
	write(t, filepath.Join(dir, "redis.pem"), "CERTIFICATE", leaf.Raw)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "redis.key"), "PRIVATE KEY", der)
	port := Port(t)
	srv = Start(t, append([]string{
		"--tls-port", port, "--bind", "127.0.0.1", "--tls-cert-file", filepath.Join(dir, "redis.pem"),
		"--tls-key-file", filepath.Join(dir, "redis.key"), "--tls-ca-cert-file", caFile, "--tls-auth-clients", "no",
	}, args...)...)
	return srv, "rediss://127.0.0.1:" + port, caFile
}

// certificate makes one, signed by the authority; by itself without one.
func certificate(t testing.TB, name string, ca *x509.Certificate, caKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: ca == nil,
	}
	if ca == nil {
		ca, caKey = form, key
	}
	der, err := x509.CreateCertificate(rand.Reader, form, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

func write(t testing.TB, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
