package client

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"zoomgraph/internal/rawjson"
)

// This file reads Zoom's error body: {"code": 1001, "message": "…"}, with details
// under "errors" at times, and the same in XML, which some gateways of Zoom's
// make of it. Start reading at problemIn.

const (
	maxFields   = 20       // names shown of one error
	maxXML      = 64 << 10 // bytes of an error in XML
	maxXMLDepth = 8
)

// problem is Zoom's error.
type problem struct {
	code    int
	message string
	fields  []string // names of what was found invalid
}

// problemIn reads Zoom's error; false where the body is something else. In an
// answer that did not fail, nothing may stand beside the error: an object with
// other keys is data. In one that failed the message may be missing, if nothing
// else is there that an error does not have.
func problemIn(body []byte, failed bool) (problem, bool) {
	text := bytes.TrimSpace(body)
	switch {
	case len(text) == 0:
		return problem{}, false
	case text[0] == '<':
		return problemInXML(text)
	case text[0] != '{', !failed && beginsWithData(text), !bytes.Contains(text, []byte(`"code"`)):
		return problem{}, false
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(text, &keys) != nil {
		return problem{}, false
	}
	code, message := keys["code"], keys["message"]
	said := len(message) > 0 && message[0] == '"'
	switch {
	case len(code) == 0, !failed && (!onlyError(keys) || !said || code[0] == '"'), failed && !onlyError(keys) && !said:
		return problem{}, false
	}
	var number json.Number
	if json.Unmarshal(code, &number) != nil {
		return problem{}, false
	}
	text = nil
	if said {
		text = rawjson.Text(message)
	}
	return newProblem(number.String(), string(text), fieldNames(keys["errors"]))
}

// newProblem is false where the code is no whole number.
func newProblem(code, message string, fields []string) (problem, bool) {
	n, err := strconv.ParseInt(code, 10, 32)
	if err != nil {
		return problem{}, false
	}
	return problem{code: int(n), message: message, fields: fields}, true
}

// beginsWithData tells of an object, without looking at all of it, that its first key is not one of an error.
func beginsWithData(object []byte) bool {
	_, key, _ := bytes.Cut(object, []byte(`"`))
	key, _, closed := bytes.Cut(key, []byte(`"`))
	return closed && !isOfError(string(key)) && bytes.IndexByte(key, '\\') < 0
}

func isOfError(key string) bool { return key == "code" || key == "message" || key == "errors" }

// onlyError tells whether an object holds nothing that an error does not.
func onlyError(keys map[string]json.RawMessage) bool {
	for key := range keys {
		if !isOfError(key) {
			return false
		}
	}
	return true
}

// fieldNames keeps of Zoom's details the names alone, and of these what is one.
// Details of another shape have none.
func fieldNames(errors json.RawMessage) []string {
	var details []struct {
		Field string `json:"field"`
	}
	_ = json.Unmarshal(errors, &details)
	var names []string
	for _, detail := range details {
		if len(names) < maxFields && isName(detail.Field) {
			names = append(names, detail.Field)
		}
	}
	return names
}

// problemInXML reads an error whose code and message are two attributes, or two
// elements, of one element: the outermost one or one directly in it. Their names
// may be in any case and namespace. What is declared in a DTD is not looked up.
func problemInXML(body []byte) (problem, bool) {
	if len(body) > maxXML {
		return problem{}, false
	}
	dec := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(body, []byte("\uFFFD"))))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var open []parts // the elements around what is read
	var found problem
	ok := false
	for {
		token, err := dec.Token()
		switch token := token.(type) {
		case nil:
			if !errors.Is(err, io.EOF) {
				return problem{}, false
			}
			return found, ok
		case xml.StartElement:
			if len(open) == maxXMLDepth || len(open) == 0 && strings.EqualFold(token.Name.Local, "html") {
				return problem{}, false
			}
			open = append(open, partsOf(token))
		case xml.CharData:
			if last := len(open) - 1; last >= 0 {
				open[last].text += string(token)
			}
		case xml.EndElement:
			last := len(open) - 1
			ended := open[last]
			open = open[:last]
			if last <= 1 && !ok {
				found, ok = ended.problem()
			}
			if last > 0 {
				open[last-1].put(ended.name, ended.text)
			}
		}
	}
}

// parts are an element and what it holds of an error.
type parts struct {
	name, text    string
	code, message *string
}

func partsOf(element xml.StartElement) parts {
	p := parts{name: element.Name.Local}
	for _, attribute := range element.Attr {
		p.put(attribute.Name.Local, attribute.Value)
	}
	return p
}

// put takes an attribute, or an element that has ended.
func (p *parts) put(name, value string) {
	value = strings.TrimSpace(value)
	switch strings.ToLower(name) {
	case "code":
		p.code = &value
	case "message":
		p.message = &value
	}
}

func (p *parts) problem() (problem, bool) {
	if p.code == nil || p.message == nil {
		return problem{}, false
	}
	return newProblem(*p.code, *p.message, nil)
}
