package world

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
)

// form is what ids look like.
type form int

const (
	base64ID form = iota // 22 characters: most things
	digits11             // a number of 11 digits: meetings
	digits10             // a number of 10 digits: personal rooms
	uuid64               // 24 characters of base64, which may hold a slash: instances of meetings
	dashed               // a UUID with dashes: recording files, call logs
	hex32                // channels, phone recordings
	digits19             // a text of 19 digits: calls
	millis               // a text, milliseconds since 1970: occurrences
	long                 // a number of 64 bits
	short                // a number of 32 bits
	phone                // a telephone number
)

// forms are those of fields that hold an id, by Zoom's name. A thing's own id
// goes by the name that others have for it: of a Meeting, meeting_id. The
// program does not say them.
var forms = map[string]form{
	"meeting_id":        digits11,
	"webinar_id":        digits11,
	"parent_meeting_id": digits11,
	"pmi":               digits10,
	"uuid":              uuid64,
	"meeting_uuid":      uuid64,
	"occurrence_id":     millis,
	"recording_file_id": dashed,
	"call_log_id":       dashed,
	"chat_message_id":   dashed,
	"call_id":           digits19,
	"recording_id":      hex32,
	"voicemail_id":      hex32,
	"channel_id":        hex32,
	"conference_id":     digits10,
	"chat_channel_id":   hex32,
}

// formOf is the form of a kind's ids.
func (k *kind) formOf() form {
	switch f := k.fields[k.key]; {
	case f == nil:
		return base64ID
	case f.Kind == Long:
		return long
	case f.Kind == Integer:
		return short
	case k.key == "number" && f.Kind != Ident:
		return phone
	case k.key == "id" || k.key == "number":
		return forms[snake(k.Name)+"_id"]
	}
	return forms[k.key]
}

// newID makes an id.
func (k *kind) newID(h uint64) string { return idIn(k.formOf(), h) }

// words are the ids that things of a kind can have, where these are the words of a
// closed list; nil for others.
func (k *kind) words() []string {
	if k.IDs != nil {
		return k.IDs
	}
	f := k.fields[k.key]
	if f == nil || f.Kind != Choice {
		return nil
	}
	out := make([]string, len(f.Wire))
	for i, value := range f.Wire {
		out[i] = plain(value)
	}
	return out
}

func idIn(f form, h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], Mix(h))
	switch f {
	case digits11:
		return strconv.FormatUint(80_000_000_000+h%19_000_000_000, 10)
	case digits10:
		return strconv.FormatUint(1_000_000_000+h%9_000_000_000, 10)
	case long:
		return strconv.FormatUint(1<<40+h%(1<<51), 10)
	case short:
		return strconv.FormatUint(1000+h%(1<<30), 10)
	case phone:
		return "+1555" + Digits(h, 7)
	case uuid64:
		return base64.StdEncoding.EncodeToString(b[:])
	case dashed:
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // as version 4
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	case hex32:
		return fmt.Sprintf("%x", b)
	case digits19:
		return strconv.FormatUint(6_000_000_000_000_000_000+h%1_000_000_000_000_000_000, 10)
	case millis:
		return strconv.FormatInt(Epoch.UnixMilli()+int64(h%200_000_000)*1000, 10)
	}
	return IDOf(h)
}

// encode renders an id of the kind.
func (k *kind) encode(id string) json.RawMessage {
	if f := k.fields[k.key]; f != nil && f.Kind == Choice {
		for _, value := range f.Wire {
			if plain(value) == id {
				return value
			}
		}
	}
	return encodeID(k.formOf(), id)
}

// encodeID renders an id of a form: some are numbers in JSON.
func encodeID(f form, id string) json.RawMessage {
	if f == digits11 || f == digits10 || f == long || f == short {
		return json.RawMessage(id)
	}
	return Encode(id)
}
