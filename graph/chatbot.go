package graph

import (
	"encoding/json"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// accountID is Zoom's name of the account in which an app acts. The token of an app itself does not say which one that is,
// so each call with one does.
const accountID = "account_id"

// inAccount adds the account to a write with the token of an app, where the caller has left it out: in the body, or in the
// query of a write without one. It is not added where it is not known.
func inAccount(req *client.Request, account string) {
	if !req.Op.OfApp || account == "" {
		return
	}
	body, isJSON := req.Body.(json.RawMessage)
	if !isJSON {
		if req.Query.Get(accountID) == "" {
			req.Query.Set(accountID, account)
		}
		return
	}
	if said, has := rawjson.Member(body, accountID); has && string(said) != "null" {
		return
	}
	object := rawjson.Append([]byte{'{'}, accountID, quoted(account))
	for name, value := range rawjson.Members(body) {
		if name != accountID {
			object = rawjson.Append(object, name, value)
		}
	}
	req.Body = json.RawMessage(append(object, '}'))
}
