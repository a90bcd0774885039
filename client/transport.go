package client

import "net/http"

// NewTransport is what a Client with the default MaxInFlight sends through when
// Config.Transport is nil, for those who want something of their own around it.
func NewTransport() *http.Transport { return newTransport(defaultInFlight) }
