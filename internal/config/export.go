package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// ExportSettings is the command that writes the settings of all users.
type ExportSettings struct {
	Fields    []string       `group:"export" required:"" placeholder:"NAME" help:"Settings by Zoom's names, with commas between them, such as host_video,waiting_room; section.name where a name stands in two places."`
	Option    SettingsOption `group:"export" placeholder:"VIEW" help:"Take the names as those of this view: meeting_authentication, recording_authentication or meeting_security."`
	Status    UserStatus     `group:"export" default:"active" help:"Whose settings: those of active users, of inactive ones, or of all; who is still invited has none."`
	Format    ExportFormat   `group:"export" placeholder:"FORMAT" help:"csv or ndjson (from the file's ending if not given, and else csv)."`
	Separator Separator      `group:"export" placeholder:"CHARACTER" help:"What stands between the cells of CSV: comma (unless told otherwise), semicolon, tab or pipe, or the character itself."`
	BOM       bool           `name:"bom" group:"export" help:"Begin the CSV file with a byte order mark, by which spreadsheets know it for UTF-8."`
	Out       string         `group:"export" placeholder:"FILE" help:"File to write, which must not be there yet (standard output if not given)."`
	Resume    string         `group:"export" placeholder:"FILE" help:"File of an export that was broken off: keep what is whole in it and add the rest. It need not be there yet."`
	Patience  time.Duration  `group:"export" default:"1h" help:"How long to wait for Zoom while it lets nothing through, such as over the end of the day's limit; then the export ends, and can be resumed."`
	Quiet     bool           `group:"export" help:"Report errors only."`
	Account   string         `group:"export" placeholder:"KEY" help:"Which account, by its key in the file; needed where the file has several."`

	Zoom
}

// check completes e: its format is known afterwards.
func (e *ExportSettings) check(src *sources) error {
	if e.Out != "" && e.Resume != "" {
		return errors.New("--out and --resume are both given; keep --resume to continue the export in its file, --out to start one in a new file")
	}
	if e.Patience < 0 {
		return fmt.Errorf("--patience: %v is in the past; give 0s or more", e.Patience)
	}
	if e.Format == "" {
		e.Format = formatOf(e.Out + e.Resume)
	}
	if e.Format != FormatCSV && (e.BOM || e.Separator != 0) {
		return errors.New("--bom and --separator are for CSV; leave them out, or give --format csv")
	}
	if err := e.Zoom.check(src); err != nil {
		return err
	}
	id, err := e.accountOf(e.Account)
	if err != nil {
		return fmt.Errorf("--account: %w", err)
	}
	e.only(id)
	return nil
}

// only makes an account of the file the one that everything is about, as if flags had given it.
func (z *Zoom) only(id string) {
	if a, ok := z.account(id); ok && !z.Sandboxed() {
		z.AccountID, z.ClientID, z.ClientSecret = a.ZoomAccountID, a.ClientID, a.ClientSecret
		z.ChatbotID, z.ChatbotSecret = a.ChatbotID, a.ChatbotSecret
		z.Plan, z.Rate, z.Share, z.accounts = a.Plan, a.Rate, a.Share, nil
		z.GroupModel, z.GroupRanks = a.GroupModel, a.GroupRanks
	}
}

// formatOf is the format that a file's name tells, CSV where it tells none.
func formatOf(file string) ExportFormat {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".ndjson", ".jsonl":
		return FormatNDJSON
	}
	return FormatCSV
}

// ExportFormat is the form of an export.
type ExportFormat string

// The values of ExportFormat.
const (
	FormatCSV    ExportFormat = "csv"
	FormatNDJSON ExportFormat = "ndjson"
)

// UnmarshalText accepts csv and ndjson.
func (f *ExportFormat) UnmarshalText(text []byte) error {
	return oneOf(f, text, FormatCSV, FormatNDJSON)
}

// Separator stands between the cells of a CSV file; 0 is the usual one.
type Separator rune

// UnmarshalText accepts comma, semicolon, tab and pipe, and the characters.
func (s *Separator) UnmarshalText(text []byte) error {
	switch string(text) {
	case ",", "comma":
		*s = ','
	case ";", "semicolon":
		*s = ';'
	case "\t", `\t`, "tab":
		*s = '\t'
	case "|", "pipe":
		*s = '|'
	default:
		return fmt.Errorf("%q is not one of comma, semicolon, tab and pipe", text)
	}
	return nil
}

// SettingsOption is a view of users' settings, as Zoom names it.
type SettingsOption string

// The values of SettingsOption.
const (
	OptionMeetingAuthentication   SettingsOption = "meeting_authentication"
	OptionRecordingAuthentication SettingsOption = "recording_authentication"
	OptionMeetingSecurity         SettingsOption = "meeting_security"
)

// UnmarshalText accepts the names of the views.
func (o *SettingsOption) UnmarshalText(text []byte) error {
	return oneOf(o, text, OptionMeetingAuthentication, OptionRecordingAuthentication, OptionMeetingSecurity)
}

// UserStatus says whose settings are exported.
type UserStatus string

// The values of UserStatus.
const (
	StatusActive   UserStatus = "active"
	StatusInactive UserStatus = "inactive"
	StatusAll      UserStatus = "all"
)

// UnmarshalText accepts active, inactive and all.
func (s *UserStatus) UnmarshalText(text []byte) error {
	return oneOf(s, text, StatusActive, StatusInactive, StatusAll)
}

// Lists are the statuses whose users are listed.
func (s UserStatus) Lists() []string {
	if s == StatusAll {
		return []string{string(StatusActive), string(StatusInactive)}
	}
	return []string{string(s)}
}
