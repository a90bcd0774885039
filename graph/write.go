package graph

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/program"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// writeOf is what a generated resolver knows of a write.
type writeOf struct {
	op    *client.Op
	path  []string
	input string         // the type of the input, "" for none
	body  *project.Input // the input
	file  *client.File   // in place of an input
}

// fileOf is an uploaded file as Zoom wants it: one part of a form.
func fileOf(field string, file graphql.Upload) *client.File {
	return &client.File{Field: field, Name: file.Filename, ContentType: file.ContentType, Content: file.File, Size: file.Size}
}

// write does a write, once.
func (s *Server) write(ctx context.Context, of writeOf, params ...param) (*written, error) {
	req := client.Request{Op: of.op, Path: of.path, Query: queryOf(params)}
	switch {
	case of.file != nil:
		req.Body = of.file
	case of.body != nil:
		body, err := s.body(of.input, *of.body)
		if err != nil {
			return nil, err
		}
		req.Body = body
	}
	inAccount(&req, s.principal(ctx).zoomAccount)
	session := load.From(ctx)
	res, err := session.Write(ctx, req)
	if err != nil {
		return nil, err
	}
	return &written{
		ctx: ctx, server: s, session: session, by: s.Program.Fact(of.op.String()), path: of.path, status: res.Status, answer: res.Body,
	}, nil
}

// body writes an input as Zoom's JSON; one that says nothing is refused.
func (s *Server) body(typeName string, input project.Input) (json.RawMessage, error) {
	body, err := s.project.Body(typeName, input)
	if err == nil && string(body) == "{}" {
		return nil, &client.Error{Code: client.CodeBadUserInput, Message: "input changes nothing", Hint: "set at least one field"}
	}
	return body, err
}

// written is a write that was done, and makes the fields of its payload.
type written struct {
	ctx        context.Context //nolint:containedctx // of the mutation's field, whose payload it makes
	server     *Server
	session    *load.Session
	by         *program.Operation // with the path of it: where things of two keys have their first; nil for settings
	path       []string
	status     int
	answer     []byte // nil where Zoom answered nothing
	notApplied *project.Value
}

// thing is what was touched; it is read back when a field asks. Of a thing of two keys the write's path has the first.
func (w *written) thing(op *client.Op, key string) model.Entity {
	reader := &detailReader{ctx: w.ctx, server: w.server, session: w.session, op: op, query: w.server.switches(w.ctx, op), by: w.by, path: w.path}
	return model.NewEntity(reader, key, isID(key))
}

// made is what was created, by the id that Zoom's answer has under a key; none where the answer has none.
func made[T any](w *written, by string, op *client.Op, wrap func(model.Entity) *T) *T {
	raw, _ := rawjson.Member(w.answer, by)
	if id := client.IDOf(raw); id != "" {
		return wrap(w.thing(op, id))
	}
	return nil
}

// madeAll is made for several, of which the answer has the ids.
func madeAll[T any](w *written, by string, op *client.Op, wrap func(model.Entity) *T) []*T {
	raw, ok := rawjson.Member(w.answer, by)
	if !ok || string(raw) == "null" {
		return nil
	}
	things := []*T{}
	for _, id := range idsMade(raw) {
		things = append(things, wrap(w.thing(op, id)))
	}
	return things
}

// idsMade reads the ids of what was made: a list of them, or of objects that have one, or a text with commas.
func idsMade(raw []byte) []string {
	var ids []string
	add := func(id string) {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	for element := range rawjson.Elements(raw) {
		if id, isObject := rawjson.Member(element, "id"); isObject {
			element = id
		}
		add(client.IDOf(element))
	}
	if raw[0] != '[' {
		for id := range strings.SplitSeq(client.IDOf(raw), ",") {
			add(id)
		}
	}
	return ids
}

// field is a field of Zoom's answer.
func (w *written) field(zoom string) *project.Value {
	return w.server.project.Value(func() ([]byte, error) {
		value, _ := rawjson.Member(w.answer, zoom)
		return value, nil
	}, w.session)
}

// accepted is whether Zoom has only taken the request, and carries it out later.
func (w *written) accepted() *project.Value {
	return w.server.project.Value(func() ([]byte, error) {
		return strconv.AppendBool(nil, w.status == http.StatusAccepted), nil
	}, w.session)
}

// data is a payload that holds no thing: Zoom's answer, what the path named by Zoom's names of it, and whether Zoom has only
// taken the request.
func (w *written) data(named map[string]string) *project.Value {
	return w.server.project.Value(func() ([]byte, error) {
		object := []byte{'{'}
		for _, name := range slices.Sorted(maps.Keys(named)) {
			value, err := json.Marshal(named[name])
			if err != nil {
				return nil, err
			}
			object = rawjson.Append(object, name, value)
		}
		for name, value := range rawjson.Members(w.answer) {
			if _, taken := named[name]; !taken && name != "accepted" {
				object = rawjson.Append(object, name, value)
			}
		}
		object = rawjson.Append(object, "accepted", strconv.AppendBool(nil, w.status == http.StatusAccepted))
		return append(object, '}'), nil
	}, w.session)
}

// text is a value that the path named.
func (w *written) text(value string) *project.Value {
	return w.server.project.Value(func() ([]byte, error) { return json.Marshal(value) }, w.session)
}
