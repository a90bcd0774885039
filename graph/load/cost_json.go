package load

import (
	"maps"
	"slices"
	"strconv"
)

// AppendJSON appends what encoding/json makes of an explanation that tells of costs alone, which nearly all do. It reports
// false, and appends nothing, for any other.
func (e *Explanation) AppendJSON(b []byte) ([]byte, bool) {
	if len(e.Calls) > 0 || len(e.Saved) > 0 || len(e.Absent) > 0 || len(e.Stale) > 0 || e.Cost.ByLabel == nil {
		return b, false
	}
	c := &e.Cost
	b = strconv.AppendInt(append(b, `{"cost":{"requested":`...), int64(c.Requested), 10)
	b = strconv.AppendInt(append(b, `,"calls":`...), int64(c.Calls), 10)
	b = strconv.AppendInt(append(b, `,"cached":`...), int64(c.Cached), 10)
	b = strconv.AppendInt(append(b, `,"coalesced":`...), int64(c.Coalesced), 10)
	b = strconv.AppendInt(append(b, `,"waitedMs":`...), c.WaitedMs, 10)
	b = append(b, `,"byLabel":{`...)
	for i, label := range slices.Sorted(maps.Keys(c.ByLabel)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), label...), `":`...) // Zoom's labels are plain words
		b = strconv.AppendInt(b, int64(c.ByLabel[label]), 10)
	}
	return append(b, `}}}`...), true
}
