package cursor

import "encoding/json"

// File is an answer of Zoom's that is no JSON, and who may read it until when. Sealed it is the end of a URL.
type File struct {
	Op      string   `json:"op"` // "GET /invoices/{invoiceId}"
	Path    []string `json:"path,omitempty"`
	Address string   `json:"address,omitempty"` // where Zoom has it, in place of Path
	Account string   `json:"account,omitempty"` // the sub account that it is in
	Caller  string   `json:"caller"`            // who asked
	Secret  bool     `json:"secret,omitempty"`  // it takes the permission to see secrets
	Until   int64    `json:"until"`             // in Unix seconds
}

// aboutFile keeps files and positions apart.
var aboutFile = []byte("\x00file")

// SealFile makes the end of a URL.
func (b *Box) SealFile(f File) string {
	text, err := json.Marshal(f)
	if err != nil { // texts and numbers only
		panic(err)
	}
	open := []byte{0} // nothing of it can be read without the box
	return b.close(open, append(append(append([]byte{}, open...), b.owner...), aboutFile...), text)
}

// OpenFile reads what a box of the same secret and owner sealed.
func (b *Box) OpenFile(text string) (f File, err error) {
	inside, _, err := b.open(text, aboutFile)
	if err == nil {
		err = json.Unmarshal(inside, &f)
	}
	return f, err
}
