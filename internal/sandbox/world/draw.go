package world

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Drawing makes up values: the same ones of the same numbers.
type Drawing struct {
	// Number returns the number behind the value at a path: a node's key, with the
	// index of the list elements it is in.
	Number func(path string) uint64
	// Special returns a value that is not made up of its number alone, such as a
	// link; of is the object that the node is a field of. May be nil.
	Special func(of, n *Node, at, path string) (value json.RawMessage, drawn bool)
	// Now is the day that times lie before; the zero one is a year behind [Epoch].
	Now time.Time
}

// Append appends the value of a node as JSON.
func (d *Drawing) Append(out []byte, n *Node, path string) []byte {
	h := d.Number(path)
	if n.Made != nil {
		return append(out, Pick(h, n.Made...)...)
	}
	switch n.Kind {
	case Boolean:
		return strconv.AppendBool(out, Flag(n, path, h))
	case Number:
		return strconv.AppendFloat(out, float64(h%1000)/10, 'f', -1, 64)
	case Text, Ident:
		if form := timeIn(n.Name); form != "" {
			return append(out, Encode(d.past(h).Format(form))...)
		}
		return append(out, Encode(textFor(n.Name, h))...)
	case Moment:
		return append(out, Encode(Timestamp(d.past(h)))...)
	case Day:
		return append(out, Encode(d.past(h).Format(time.DateOnly))...)
	case Anything:
		return append(out, anythingFor(n.Name, h)...)
	case List:
		return d.list(out, n, path, h)
	case OneOf:
		return d.object(out, Pick(h, n.Cases...), path)
	default:
		return d.object(out, n, path)
	}
}

func (d *Drawing) object(out []byte, n *Node, path string) []byte {
	out = append(out, '{')
	for i, f := range n.Fields {
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendName(out, f.Name)
		at := Below(path, f.Name)
		if d.Special != nil {
			if value, drawn := d.Special(n, f, path, at); drawn {
				out = append(out, value...)
				continue
			}
		}
		out = d.Append(out, f, at)
	}
	return append(out, '}')
}

// list appends one or two elements; of a choice, each of its values or not.
func (d *Drawing) list(out []byte, n *Node, path string, h uint64) []byte {
	out = append(out, '[')
	start := len(out)
	if n.Elem.Kind == Choice {
		for i, value := range n.Elem.Made {
			if h>>i&1 == 1 || i == int(h>>32)%len(n.Elem.Made) {
				out = append(append(out, value...), ',')
			}
		}
	} else {
		for i := range 1 + h%2 {
			out = append(d.Append(out, n.Elem, path+"["+strconv.FormatUint(i, 10)+"]"), ',')
		}
	}
	if len(out) > start {
		out = out[:len(out)-1]
	}
	return append(out, ']')
}

// AppendName appends a name and its colon; Zoom's names need no escaping.
func AppendName(out []byte, name string) []byte {
	return append(append(append(out, '"'), name...), `":`...)
}

// Flag returns a boolean. The first element of a list is the default one.
func Flag(n *Node, path string, h uint64) bool {
	if n.Name == "default_option" {
		return strings.Contains(path, "[0]")
	}
	return h%5 < 3
}

// rangeOf returns what a value at a node may be made of; nil where its kind and
// name say so. The longest path in ranges counts.
func rangeOf(n *Node) []json.RawMessage {
	var values []json.RawMessage
	for names := n.Path; ; {
		for _, value := range ranges[names] {
			if n.Takes(json.RawMessage(value)) {
				values = append(values, json.RawMessage(value))
			}
		}
		_, shorter, more := strings.Cut(names, ".")
		if values != nil || !more {
			break
		}
		names = shorter
	}
	switch {
	case values != nil:
	case n.Kind == Choice:
		values = n.Wire
	case n.Kind == Integer || n.Kind == Long:
		for _, i := range integersFor(n.Name) {
			if n.Kind == Long || i <= math.MaxInt32 {
				values = append(values, json.RawMessage(strconv.FormatInt(i, 10)))
			}
		}
	}
	return values
}

// Epoch is where the account's history starts: users and settings do not depend on today.
var Epoch = time.Date(2019, time.March, 4, 8, 0, 0, 0, time.UTC)

// Instant returns a time within some days of a start, as Zoom writes times.
func Instant(h uint64, start time.Time, days uint64) string {
	return Timestamp(start.Add(time.Duration(h%(days*86_400)) * time.Second))
}

// Timestamp writes a time as Zoom does.
func Timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
