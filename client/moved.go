package client

import "zoomgraph/internal/rawjson"

// This file calls operations that Zoom has moved where they were before.

// Old is where an operation was before Zoom moved it, and what its answers looked
// like.
type Old struct {
	Method, Path string
	// Keys are names in old answers with those of today, each behind the names that
	// lead to it: "phones.id" is id in the object phones, or in each of a list of
	// that name.
	Keys map[string]string
}

// way is the method and the path template that an operation is called by.
func (c *Client) way(op *Op) (method, path string) {
	if c.oldPaths && op.Old != nil {
		return op.Old.Method, op.Old.Path
	}
	return op.Method, op.Path
}

// today is an answer with the names that it has today.
func (c *Client) today(op *Op, body []byte) []byte {
	if old := c.oldNames(op); old != nil {
		return rawjson.Rename(body, old)
	}
	return body
}

// oldNames are the keys in an operation's answers that have other names today, and these
// names; nil: there are none.
func (c *Client) oldNames(op *Op) map[string]string {
	if op.Renamed != nil {
		return op.Renamed
	}
	if !c.oldPaths || op.Old == nil || len(op.Old.Keys) == 0 {
		return nil
	}
	return op.Old.Keys
}
