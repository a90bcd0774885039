package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/client"
	"zoomgraph/internal/redisurl"
)

// options are what a client of the address is made with.
func options(address redisurl.Address, cas *x509.CertPool) rueidis.ClientOption {
	option := rueidis.ClientOption{
		InitAddress: address.Hosts, SelectDB: address.Database,
		Username: address.Username, Password: address.Password,
		Dialer: net.Dialer{Timeout: timeout}, ConnWriteTimeout: patient,
		DisableRetry:        true,
		ClientSetInfo:       rueidis.DisableClientSetInfo, // Redis 7.0 does not know it
		ReadBufferEachConn:  1 << 16,
		WriteBufferEachConn: 1 << 16,
		// One connection to a server, so that word of a change never comes before an answer that was given earlier.
		PipelineMultiplex:     -1,
		ClientTrackingOptions: []string{"BCAST", "PREFIX", guardPrefix, "PREFIX", eventPrefix, "NOLOOP"},
	}
	if address.TLS {
		option.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cas} // the name is that of the host that is dialed
		option.DialCtxFn = dialTLS
	}
	if address.Socket != "" {
		option.InitAddress = []string{address.Socket}
		option.DialCtxFn = func(ctx context.Context, path string, dialer *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		}
	}
	if address.Master != "" {
		option.Sentinel = rueidis.SentinelOption{
			MasterSet: address.Master, Username: address.SentinelUsername, Password: address.SentinelPassword,
			Dialer: option.Dialer, TLSConfig: option.TLSConfig,
		}
	}
	return option
}

// dialTLS tells a server that does not answer the handshake, as one does that speaks no TLS, from one that is not there.
func dialTLS(ctx context.Context, host string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
	conn, err := (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, "tcp", host)
	if errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*net.OpError)) {
		return nil, errHandshake
	}
	return conn, err
}

// connect makes the client, which dials again by itself from then on.
func (f *Fleet) connect(ctx context.Context) error {
	if f.redis != nil {
		return nil
	}
	option, err := f.option, error(nil)
	if option.Sentinel.MasterSet == "" {
		if option, err = firstThatAnswers(ctx, option); err != nil {
			return err
		}
	}
	line := f.line.Add(1)
	option.OnInvalidations = func(keys []rueidis.RedisMessage) {
		if f.line.Load() == line {
			f.invalidated(keys)
		}
	}
	f.clustered = option.Sentinel.MasterSet == "" && !option.ForceSingleClient
	made, err := rueidis.NewClient(option)
	if err != nil {
		if made != nil {
			made.Close()
		}
		return err
	}
	if err := f.rehearse(ctx, made); err != nil {
		f.line.Add(1)
		made.Close()
		return err
	}
	f.redis = made
	return nil
}

// disconnect gives up the client. What it still hears counts for nothing.
func (f *Fleet) disconnect() {
	f.line.Add(1)
	if f.redis != nil {
		f.redis.Close()
		f.redis = nil
	}
}

// firstThatAnswers leaves the first server that answers; from it the client learns of the others if they are a cluster. Of
// several it would dial each twice at once, and end one of those connections when everything seems well.
func firstThatAnswers(ctx context.Context, option rueidis.ClientOption) (_ rueidis.ClientOption, err error) {
	for _, host := range option.InitAddress {
		one := option
		one.InitAddress, one.ForceSingleClient = []string{host}, true
		var clustered bool
		if clustered, err = ofCluster(ctx, one); err == nil {
			one.ForceSingleClient = !clustered
			return one, nil
		}
	}
	return option, err
}

// ofCluster asks a server whether it is one of a cluster, and refuses a Sentinel.
func ofCluster(ctx context.Context, option rueidis.ClientOption) (bool, error) {
	option.DisableCache = true
	one, err := rueidis.NewClient(option)
	if one != nil {
		defer one.Close()
	}
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	hello, err := one.Do(ctx, one.B().Hello().Build()).AsMap()
	if err != nil {
		return false, err
	}
	told := hello["mode"]
	mode, err := told.ToString()
	if mode == "sentinel" {
		return false, errSentinel
	}
	return mode == "cluster", err
}

// rehearse runs each command and script once, on keys of its own: what the server's ACL does not allow shows before
// anybody relies on it.
func (f *Fleet) rehearse(ctx context.Context, r rueidis.Client) error {
	const key = schema + "{rehearsal}"
	ctx, cancel := context.WithTimeout(ctx, 2*timeout)
	defer cancel()
	script := func(text string, keys, args []string) rueidis.Completed {
		return r.B().Eval().Script(text).Numkeys(int64(len(keys))).Key(keys...).Arg(args...).Build()
	}
	ask := client.Ask{
		PerSecond: 1, Burst: 1, Growth: client.Growth{Keep: 1, Near: 1, Slow: 1, Fast: 1, Surely: 1},
		Known: client.Known{Rate: 1, Ceiling: 1, Until: time.Now()},
	}
	for _, answer := range r.DoMulti(
		ctx,
		r.B().Ping().Build(),
		r.B().Set().Key(key).Value("x").Nx().Get().Px(beat).Build(),
		r.B().Get().Key(key).Build(),
		r.B().Pttl().Key(key).Build(),
		r.B().Pexpire().Key(key).Milliseconds(beat.Milliseconds()).Build(),
		r.B().Zrem().Key(key+"/replicas").Member(f.id).Build(),
		r.B().Del().Key(key).Build(),
		r.B().Xrange().Key(key+"/events").Start("-").End("+").Count(1).Build(),
		script(appearScript, []string{key + "/replicas", key + "/reunion"}, []string{f.id, millis(beat), millis(beat)}),
		script(swapScript, []string{key}, []string{"", "", millis(beat)}),
		script(dealScript, []string{key + "/bucket", key + "/day"}, arguments(ask)),
		script(removeScript, []string{key}, []string{""}),
		script(writeScript, []string{key + "/guard", key + "/mark"}, []string{"t", "1", millis(beat), millis(beat), "1", "v"}),
		script(orderScript, []string{key + "/order"}, []string{"t", "", millis(beat)}),
		script(eventsScript, []string{key + "/events"}, []string{"b", "", "1", millis(beat)}),
		script(getScript, []string{key}, nil),
		script(putScript, []string{key}, []string{"", "x", millis(beat)}),
	) {
		if err := answer.Error(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
	}
	return f.scripts.remove.Exec(ctx, r, []string{key}, []string{""}).Error() // by its digest
}
