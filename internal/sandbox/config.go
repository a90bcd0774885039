package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
	"zoomgraph/internal/sandbox/zoom"
)

// Config is how the sandbox behaves. The zero value is a Zoom without limits,
// latency or faults.
type Config struct {
	// RPS is the rate limit of each label in calls a second; 0 or absent: none.
	RPS map[string]float64 `json:"rps"`
	// Burst is how many calls may come at once, of each label; absent: as RPS.
	Burst map[string]float64 `json:"burst"`
	// Daily is the limit of each label from midnight to midnight UTC.
	Daily map[string]int `json:"daily"`
	// Window is how the calls of a second are counted; empty: WindowBucket.
	Window Window `json:"window"`
	// Quiet leaves out all headers about limits, from answers and refusals.
	Quiet bool `json:"quiet"`
	// DailyByTarget are limits of single users and the like, beside the labels'.
	DailyByTarget []TargetLimit `json:"dailyByTarget"`
	// Latency is how long each API call takes.
	Latency Duration `json:"latency"`
	// LatencyByPath is the same for calls that match, over Latency; the longest
	// pattern wins. Patterns are those of Fault.Match.
	LatencyByPath map[string]Duration `json:"latencyByPath"`
	// FieldFilter is how custom_query_fields is understood; empty: FilterLeaf.
	FieldFilter FieldFilter `json:"fieldFilter"`
	// Faults are what goes wrong.
	Faults []Fault `json:"faults"`
	// Scopes are what tokens minted from now on carry; nil: all.
	Scopes []string `json:"scopes"`
	// TokenTTL is the life of tokens minted from now on; 0: one hour.
	TokenTTL Duration `json:"tokenTTL"`
	// PageTokenTTL is the life of page tokens; 0: 15 minutes.
	PageTokenTTL Duration `json:"pageTokenTTL"`
	// GroupModel is how the groups of people in several of them decide; empty:
	// ModelLegacy.
	GroupModel GroupModel `json:"groupModel"`
	// GroupRanks are the ranks of groups in ModelRanked, the highest first. Those
	// that are not among them come behind, and manage everything.
	GroupRanks []GroupRank `json:"groupRanks"`
	// SingleToken lets a new token end the account's older ones.
	SingleToken bool `json:"singleToken"`
}

// TargetLimit is a daily limit of each path that matches: for
// "POST /users/*/picture" of each user.
type TargetLimit struct {
	// Match is a pattern as Fault.Match is.
	Match string `json:"match"`
	// Limit is how many calls each path may have from midnight to midnight UTC.
	Limit int `json:"limit"`
	// Headers lets a refusal say that it is for the day, and until when. It names no
	// label, as that is not the account's limit.
	Headers bool `json:"headers,omitempty"`
}

// Window is a way to count the calls of a second.
type Window string

// The ways to count.
const (
	WindowBucket  Window = "bucket"  // tokens that come in one by one, up to Burst
	WindowSliding Window = "sliding" // so many in any second
	WindowFixed   Window = "fixed"   // so many from one full second to the next
)

// Duration is a length of time that JSON holds as Go writes it: "50ms".
type Duration time.Duration

// MarshalText writes a duration as time.Duration's String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// regime is a configuration in force, with the counters that belong to it.
type regime struct {
	Config
	limits *limits
	faults []*armedFault
	mode   *zoom.Mode
}

// delay returns how long a call takes.
func (g *regime) delay(c *call) time.Duration {
	longest, delay := -1, time.Duration(0)
	if c.route == nil || !c.route.open {
		delay = time.Duration(g.Latency)
	}
	for pattern, d := range g.LatencyByPath {
		if len(pattern) > longest && matchesCall(pattern, c) {
			longest, delay = len(pattern), time.Duration(d)
		}
	}
	return delay
}

// Configure replaces the configuration whole: Config{} is back to the start.
// Limits begin full and faults unspent. The error names the wrong key, and then
// nothing has changed. The sandbox keeps c's maps: leave them alone afterwards.
func (s *Server) Configure(c Config) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.adopt(c, func(string) bool { return true })
}

// amend changes what a JSON object names and leaves the rest. Only limits and
// faults that it names begin anew.
func (s *Server) amend(body []byte) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	var given, merged map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil || given == nil {
		return errors.New("the configuration must be one JSON object")
	}
	if err := json.Unmarshal(world.Encode(s.regime.Load().Config), &merged); err != nil {
		return err
	}
	known := slices.Sorted(maps.Keys(merged))
	keys := slices.Sorted(maps.Keys(given))
	if unknown := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return merged[k] != nil }); len(unknown) > 0 {
		return fmt.Errorf("unknown keys %q; there are %q", unknown, known)
	}
	for _, key := range keys {
		if err := decodeStrictly(world.Encode(map[string]json.RawMessage{key: given[key]}), &Config{}); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		merged[key] = given[key]
	}
	var c Config
	if err := decodeStrictly(world.Encode(merged), &c); err != nil {
		return err
	}
	return s.adopt(c, func(key string) bool { return given[key] != nil })
}

// decodeStrictly refuses unknown keys, and speaks of JSON rather than of Go.
func decodeStrictly(raw []byte, into *Config) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf("%s cannot be a JSON %s", wrong.Field, wrong.Value)
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// adopt puts a configuration into force; changed tells which keys begin anew.
func (s *Server) adopt(c Config, changed func(key string) bool) error {
	if c.FieldFilter == "" {
		c.FieldFilter = FilterLeaf
	}
	if c.GroupModel == "" {
		c.GroupModel = ModelLegacy
	}
	if c.Window == "" {
		c.Window = WindowBucket
	}
	if c.TokenTTL == 0 {
		c.TokenTTL = Duration(time.Hour)
	}
	if c.PageTokenTTL == 0 {
		c.PageTokenTTL = Duration(15 * time.Minute)
	}
	if err := c.validate(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	next := &regime{Config: c}
	old := s.regime.Load()
	if next.limits = newLimits(c, s.options.Now()); old != nil && !changed("rps") && !changed("burst") && !changed("daily") && !changed("window") && !changed("dailyByTarget") {
		next.limits = old.limits
	}
	if next.faults = arm(c.Faults); old != nil && !changed("faults") {
		next.faults = old.faults
	}
	next.mode = &zoom.Mode{FieldFilter: c.FieldFilter, Rules: &Rules{Model: c.GroupModel, Ranks: c.GroupRanks}}
	if old != nil && !changed("groupModel") && !changed("groupRanks") {
		next.mode.Rules = old.mode.Rules
	}
	s.regime.Store(next)
	return nil
}

func (c Config) validate() error {
	if err := errors.Join(validateRates("rps", c.RPS), validateRates("burst", c.Burst), validateRates("daily", c.Daily)); err != nil {
		return err
	}
	for key, d := range map[string]Duration{"latency": c.Latency, "tokenTTL": c.TokenTTL, "pageTokenTTL": c.PageTokenTTL} {
		if d < 0 {
			return fmt.Errorf("%s: is negative", key)
		}
	}
	for pattern, d := range c.LatencyByPath {
		if err := validatePattern(pattern); err != nil {
			return fmt.Errorf("latencyByPath: %w", err)
		}
		if d < 0 {
			return fmt.Errorf("latencyByPath: that of %q is negative", pattern)
		}
	}
	filters := []FieldFilter{FilterLeaf, FilterSections, FilterBoth, FilterIgnored, FilterEmpty}
	if !slices.Contains(filters, c.FieldFilter) {
		return fmt.Errorf("fieldFilter: unknown %q; there are %q", c.FieldFilter, filters)
	}
	if models := []GroupModel{ModelLegacy, ModelRanked}; !slices.Contains(models, c.GroupModel) {
		return fmt.Errorf("groupModel: unknown %q; there are %q", c.GroupModel, models)
	}
	for i, rank := range c.GroupRanks {
		if rank.Group == "" {
			return fmt.Errorf("groupRanks[%d]: group is missing, the id or the name of one", i)
		}
	}
	windows := []Window{WindowBucket, WindowSliding, WindowFixed}
	if !slices.Contains(windows, c.Window) {
		return fmt.Errorf("window: unknown %q; there are %q", c.Window, windows)
	}
	for i, l := range c.DailyByTarget {
		if err := validatePattern(l.Match); err != nil {
			return fmt.Errorf("dailyByTarget[%d]: %w", i, err)
		}
		if l.Limit < 0 {
			return fmt.Errorf("dailyByTarget[%d]: limit is negative", i)
		}
	}
	for i, f := range c.Faults {
		if err := f.validate(); err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	return nil
}

func validateRates[N int | float64](key string, rates map[string]N) error {
	labels := []string{Light, Medium, Heavy, ResourceIntensive, PhoneLight, PhoneMedium, PhoneHeavy, PhoneResourceIntensive}
	for label, rate := range rates {
		if !slices.Contains(labels, label) {
			return fmt.Errorf("%s: unknown label %q; there are %q", key, label, labels)
		}
		if rate < 0 {
			return fmt.Errorf("%s: that of %s is negative", key, label)
		}
	}
	return nil
}

// validatePattern checks a pattern for calls: "GET /users/*/settings", the
// method optional, "*" within one segment; empty for every call.
func validatePattern(pattern string) error {
	if pattern == "" {
		return nil
	}
	_, glob := splitPattern(pattern)
	if _, err := path.Match(glob, "/"); err != nil || !strings.HasPrefix(glob, "/") {
		return fmt.Errorf("%q is no pattern of calls such as %q", pattern, "GET /users/*/settings")
	}
	return nil
}

func splitPattern(pattern string) (method, glob string) {
	if method, glob, both := strings.Cut(pattern, " "); both {
		return method, glob
	}
	return "", pattern
}

func matchesCall(pattern string, c *call) bool {
	if pattern == "" {
		return true
	}
	method, glob := splitPattern(pattern)
	matched, _ := path.Match(glob, c.path) // checked by validatePattern
	return matched && (method == "" || method == c.request.Method)
}
