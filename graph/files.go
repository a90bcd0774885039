package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/load"
	"zoomgraph/graph/project"
	"zoomgraph/internal/callers"
)

// This file implements answers that are no JSON, such as an invoice: a field is the URL of this service that streams one.
// What stands in Zoom's JSON as an address, such as a recording's file, is another such URL. It is sealed, and good for the
// caller who asked for it. Start reading at Server.file, Server.fileAt and fileServer.ServeHTTP.

const (
	filesPath = "/files/"        // where they are served
	fileLife  = 10 * time.Minute // of a URL
	fileWait  = 30 * time.Second // until Zoom's answer begins
	fileStall = 30 * time.Second // in which a piece has to come, and a client has to take it
	maxFiles  = 64               // that are streamed at once: each holds a call
	ownFiles  = maxFiles / 4     // of these, those of one caller: a film takes long
)

// file is the URL of what an operation answers. Nothing is asked of Zoom until somebody fetches it.
func (s *Server) file(ctx context.Context, op *client.Op, path []string) (*project.Value, error) {
	if err := s.principal(ctx).client.Check(client.Request{Op: op, Path: path}); err != nil {
		return nil, err
	}
	url := s.fileURL(ctx, graphql.GetFieldContext(ctx).Field.Definition, cursor.File{Op: op.String(), Path: path})
	return s.project.Value(func() ([]byte, error) { return json.Marshal(url) }, load.From(ctx)), nil
}

// fileAt is the URL of the file at an address that stands in Zoom's answer, which must be one of Zoom's. It implements
// project.FileURL.
func (s *Server) fileAt(ctx context.Context, field *ast.FieldDefinition, address string) (string, error) {
	if err := s.principal(ctx).client.Check(client.Request{Op: client.Download, Address: address}); err != nil {
		return "", err
	}
	return s.fileURL(ctx, field, cursor.File{Op: client.Download.String(), Address: address}), nil
}

// fileURL seals the URL of a file for who asks for the field.
func (s *Server) fileURL(ctx context.Context, field *ast.FieldDefinition, f cursor.File) string {
	p := s.principal(ctx)
	f.Account, f.Caller, f.Secret, f.Until = p.sub, callers.From(ctx).Name, isSecret(field), time.Now().Add(fileLife).Unix()
	return filesPath + p.cursors.SealFile(f)
}

// Files serves the URLs of files. Who asks has to be found out before, as for GraphQL.
func (s *Server) Files() http.Handler {
	return &fileServer{Server: s, places: filePlaces{of: map[string]int{}}}
}

type fileServer struct {
	*Server
	places filePlaces
}

// filePlaces are the rights to have a file streamed.
type filePlaces struct {
	mu    sync.Mutex
	taken int
	of    map[string]int // by caller
}

// take takes a place, if there is one for the caller.
func (p *filePlaces) take(caller string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == maxFiles || p.of[caller] == ownFiles {
		return false
	}
	p.taken++
	p.of[caller]++
	return true
}

func (p *filePlaces) leave(caller string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.of[caller]--; p.of[caller] == 0 {
		delete(p.of, caller)
	}
}

// ServeHTTP streams a file, or the part of it that is asked for. Nothing of it is kept.
func (s *fileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := callers.From(r.Context()).Name
	if !s.places.take(caller) {
		s.fail(w, r, &client.Error{Code: client.CodeRateLimited, Message: "too many files are being fetched", Hint: "try again in a moment"})
		return
	}
	defer s.places.leave(caller)
	asked, err := s.forCaller(r.Context(), ast.Query)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f, err := s.opened(asked, strings.TrimPrefix(r.URL.Path, filesPath))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(asked)
	defer cancel()
	begins := time.AfterFunc(fileWait, cancel)
	begun := false
	op, p := fileOp(f), asked.principal
	if f.Account != "" {
		p = p.in(f.Account)
	}
	_, err = p.client.Do(ctx, client.Request{
		Op: op, Path: f.Path, Address: f.Address, Caller: f.Caller, Conditions: conditionsOf(r.Header),
		Into: func(answer client.Stream) error {
			begun = true
			answer.Body = &watched{answer.Body, begins}
			return pass(w, r, answer)
		},
	})
	switch {
	case begun && err != nil:
		panic(http.ErrAbortHandler) // its end is missing, and the client has to notice
	case begun:
	case err == nil:
		s.fail(w, r, &client.Error{Code: client.CodeUpstreamInvalidResponse, Op: op, Message: "Zoom answered something other than a file"})
	case r.Context().Err() == nil && ctx.Err() != nil:
		s.fail(w, r, &client.Error{Code: client.CodeUpstreamTimeout, Op: op, Message: "Zoom did not send the file in time", Hint: "try again"})
	default:
		s.fail(w, r, err)
	}
}

// fileOp is the operation that answers a file; nil: there is none.
func fileOp(f cursor.File) *client.Op {
	if f.Address != "" {
		return client.Download
	}
	return opNamed(f.Op)
}

// conditions are the headers by which a client asks for a part of a file, or for one that it does not have yet.
var conditions = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

func conditionsOf(asked http.Header) http.Header {
	passed := http.Header{}
	for _, name := range conditions {
		if value := asked.Get(name); value != "" {
			passed.Set(name, value)
		}
	}
	return passed
}

// opened reads the end of a URL, and tells whether the caller may have what it leads to.
func (s *fileServer) opened(ctx context.Context, sealed string) (cursor.File, error) {
	f, err := s.principal(ctx).cursors.OpenFile(sealed)
	caller := callers.From(ctx)
	wanted := callers.Read
	if f.Secret {
		wanted |= callers.Secrets
	}
	lacks := caller.Permissions.Missing(wanted)
	switch {
	case err != nil, f.Caller != caller.Name, fileOp(f) == nil:
		return f, &client.Error{Code: client.CodeNotFound, Message: "this is no URL of a file, or not one of this caller's", Hint: "ask for the field again"}
	case time.Now().Unix() > f.Until:
		return f, &client.Error{Code: client.CodeNotFound, Message: "this URL has expired", Hint: "ask for the field again"}
	case lacks != 0:
		return f, forbidden(lacks, "fetch this file")
	}
	return f, nil
}

// passed are the headers of Zoom's that say what comes.
var passed = []string{"Content-Type", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges", "Last-Modified", "Etag"}

// pass sends an answer on while it comes. A client that takes too little of it is left.
func pass(w http.ResponseWriter, r *http.Request, answer client.Stream) error {
	for _, name := range passed {
		if value := answer.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	if answer.Refused() { // what Zoom says of it does not come along
		w.Header().Del("Content-Type")
		w.Header().Set("Content-Length", "0")
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'") // whatever it is, it runs nothing here
	w.WriteHeader(answer.Status)
	if r.Method == http.MethodHead || answer.Status == http.StatusNotModified {
		return nil
	}
	client := &patient{w, http.NewResponseController(w)}
	defer func() { _ = client.control.SetWriteDeadline(time.Time{}) }() // the connection goes on
	_, err := io.Copy(client, answer.Body)
	return err
}

// watched gives each piece its time to come.
type watched struct {
	from  io.Reader
	timer *time.Timer // ends the call
}

// Read implements io.Reader.
func (w *watched) Read(piece []byte) (int, error) {
	w.timer.Reset(fileStall)
	defer w.timer.Stop() // what the client takes its time for is not Zoom's
	return w.from.Read(piece)
}

// patient gives each piece its time to be taken.
type patient struct {
	io.Writer
	control *http.ResponseController
}

// Write implements io.Writer.
func (p *patient) Write(piece []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(fileStall)) // where there are none, nothing stalls
	return p.Writer.Write(piece)
}

// statuses are those of errors before a file has begun.
var statuses = map[any]int{
	string(client.CodeBadUserInput): http.StatusBadRequest, string(client.CodeUnauthenticated): http.StatusUnauthorized,
	string(client.CodeForbidden): http.StatusForbidden, string(client.CodeScopeMissing): http.StatusForbidden,
	string(client.CodeNotFound): http.StatusNotFound, string(client.CodeRateLimited): http.StatusTooManyRequests,
	string(client.CodeUpstreamTimeout): http.StatusGatewayTimeout, string(client.CodeInternal): http.StatusInternalServerError,
}

// fail says what is wrong as GraphQL's answers do.
func (s *fileServer) fail(w http.ResponseWriter, r *http.Request, err error) {
	told := s.PresentError(r.Context(), err)
	var foreign *client.Error
	if errors.As(err, &foreign) {
		s.log.InfoContext(r.Context(), "a file was not served", "error", foreign)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(cmp.Or(statuses[told.Extensions["code"]], http.StatusBadGateway))
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{told}}) // nobody is left to tell
}
