// Package optional has the type of what may be left out: genqlient writes it for each field and argument that is not
// required.
//
//	input.WaitingRoom = optional.Of(true)      // sent as true
//	input.WaitingRoom = optional.Null[bool]()  // sent as null
//	input.WaitingRoom = nil                    // not sent
package optional

import "encoding/json"

// Value is a value, null, or nothing. It is a map because encoding/json leaves an empty map out where a field says
// omitempty: by true it holds a value, by false it is null.
type Value[T any] map[bool]T

// Of is a value.
func Of[T any](v T) Value[T] { return Value[T]{true: v} }

// Null is null.
func Null[T any]() Value[T] {
	var zero T
	return Value[T]{false: zero}
}

// Get returns the value, and false where there is none.
func (v Value[T]) Get() (T, bool) {
	value, ok := v[true]
	return value, ok
}

// IsNull tells null from nothing.
func (v Value[T]) IsNull() bool {
	_, null := v[false]
	return null
}

// MarshalJSON implements json.Marshaler.
func (v Value[T]) MarshalJSON() ([]byte, error) {
	if value, ok := v.Get(); ok {
		return json.Marshal(value)
	}
	return []byte("null"), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value[T]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*v = Null[T]()
		return nil
	}
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	*v = Of(value)
	return nil
}
