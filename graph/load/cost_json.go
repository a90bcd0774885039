package load

import "strconv"

// AppendJSON appends what encoding/json makes of an explanation that tells of costs alone, which nearly all do. It reports
// false, and appends nothing, for any other.
func (e *Explanation) AppendJSON(b []byte) ([]byte, bool) {
	if len(e.Calls) > 0 || len(e.Saved) > 0 || len(e.Absent) > 0 || len(e.Stale) > 0 {
		return b, false
	}
	c := &e.Cost
	b = strconv.AppendInt(append(b, `{"cost":{"requested":`...), int64(c.Requested), 10)
	b = strconv.AppendInt(append(b, `,"calls":`...), int64(c.Calls), 10)
	b = strconv.AppendInt(append(b, `,"cached":`...), int64(c.Cached), 10)
	b = strconv.AppendInt(append(b, `,"coalesced":`...), int64(c.Coalesced), 10)
	b = strconv.AppendInt(append(b, `,"waitedMs":`...), c.WaitedMs, 10)
	b = c.ByLabel.appendJSON(append(b, `,"byLabel":`...))
	return append(b, `}}`...), true
}

// MarshalJSON implements json.Marshaler: an object with a number for each label.
func (l Labels) MarshalJSON() ([]byte, error) { return l.appendJSON(nil), nil }

func (l Labels) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, of := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), of.Label...), `":`...) // Zoom's labels are plain words
		b = strconv.AppendInt(b, int64(of.Calls), 10)
	}
	return append(b, '}')
}
