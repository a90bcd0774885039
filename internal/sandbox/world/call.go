package world

import (
	"mime"
	"net/http"
)

// Object reads the body, which must be one JSON object.
func (c *Call) Object() ([]Member, error) {
	if media, _, err := mime.ParseMediaType(c.ContentType); err != nil || media != "application/json" {
		return nil, Refuse(http.StatusUnsupportedMediaType, 300, "The request body must be application/json.")
	}
	body, isObject := Members(c.Body)
	if !isObject {
		return nil, Refuse(http.StatusBadRequest, 300, "The request body must be one JSON object.")
	}
	return body, nil
}
