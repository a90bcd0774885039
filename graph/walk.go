package graph

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/load"
	"zoomgraph/graph/program"
	"zoomgraph/graph/window"
	"zoomgraph/internal/rawjson"
)

// This file reads a list from a position on: over as many of Zoom's answers as it takes, and where the list is one of a long
// time, piece by piece of that. Start reading at walk.run.

// positionLife is how long Zoom keeps a position in a list.
const positionLife = 15 * time.Minute

// walk reads answers from a position on until it has as many items as are wanted.
type walk struct {
	session  *load.Session
	root     bool
	of       pageOf
	fact     *program.Operation
	query    url.Values
	position cursor.Position
	pieces   []window.Piece // of the list's time; one that asks for nothing where the list has none
	want     int            // 0: all
	judge    *client.Walk

	// ahead begins what hangs on the items so far, while the next answer is on its way. It tells whether something of that may
	// still ask for more. nil: nothing hangs on items.
	ahead   func() (runs bool)
	running bool // something may

	items     [][]byte
	positions []cursor.Position // behind each item
	more      bool

	answer []byte         // the last one
	asked  []window.Piece // that were asked for, as Zoom tells them
	counts map[int][]byte // total_records of each piece
}

// begin makes a walk over a list, as far as want; 0 is to its end. Requested are the fields that the list is to bring on
// request.
func (s *Server) begin(ctx context.Context, of pageOf, query url.Values, want int, requested []string) (*walk, error) {
	fact := s.Program.Fact(of.op.String())
	at, err := startOf(of, fact, s.principal(ctx), want, query, requested)
	if err != nil {
		return nil, err
	}
	w := newWalk(load.From(ctx), of, fact, query, at, want)
	w.root = atRoot(ctx)
	if err := w.turnOn(s.switches(ctx, of.op)); err != nil {
		return nil, err
	}
	if err := w.cut(); err != nil {
		return nil, err
	}
	w.look()
	return w, nil
}

func newWalk(session *load.Session, of pageOf, fact *program.Operation, query url.Values, at cursor.Position, want int) *walk {
	return &walk{
		session: session, of: of, fact: fact, query: query, position: at, want: want,
		pieces: []window.Piece{{}}, counts: map[int][]byte{},
	}
}

// startOf finds the position to start from: the cursor's, or the list's beginning with a page size that takes the fewest
// calls.
func startOf(of pageOf, fact *program.Operation, p *Principal, want int, query url.Values, requested []string) (cursor.Position, error) {
	begin := cursor.Position{For: filterOf(p.sub, of, query)}
	if of.brings == nil {
		begin.With = strings.Join(requested, ",")
	}
	if of.after == nil && of.unpaged {
		return begin, nil
	}
	if of.after == nil {
		calls := (want + fact.LargestPage() - 1) / fact.LargestPage()
		begin.Size, begin.At = (want+calls-1)/calls, time.Now().Unix()
		return begin, nil
	}
	at, err := p.cursors.Open(*of.after)
	switch {
	case err != nil:
		return at, &client.Error{
			Code: client.CodeBadUserInput, Message: "after is not a cursor of this service for this caller's account",
			Hint: "give the endCursor of a page as it is, to the account that it came from; or leave after out to start again",
		}
	case at.For != begin.For:
		return at, &client.Error{
			Code: client.CodeBadUserInput, Message: "after is a cursor of another list",
			Hint: "repeat the arguments that the list had, or leave after out to start again",
		}
	case at.Token != "" && !fact.Numbered() && time.Since(time.Unix(at.At, 0)) > positionLife:
		return at, &client.Error{
			Code: client.CodeCursorExpired, Op: of.op, Message: "the cursor is older than the 15 minutes that Zoom keeps a place",
			Hint: "leave after out to start again",
		}
	}
	return at, nil
}

// turnOn asks for what is answered only then, where something of that is selected. Zoom's token belongs to what its answer
// was asked for: a page goes on with that, and cannot ask for more.
func (w *walk) turnOn(params url.Values) error {
	on := strings.Split(w.position.On, ",")
	if w.position.Token == "" {
		w.position.On = strings.Join(slices.Sorted(maps.Keys(params)), ",")
		return nil
	}
	for name := range params {
		if !slices.Contains(on, name) {
			return &client.Error{
				Code: client.CodeBadUserInput, Op: w.of.op, Message: "after is a cursor of a list that was asked for less: Zoom needs " + name + " for a field that is selected now",
				Hint: "select that field from the first page on, or leave after out to start again",
			}
		}
	}
	return nil
}

// cut finds the pieces of the list's time. A position remembers that time, so that a list which lasts until now has the same
// pieces on its next page.
func (w *walk) cut() error {
	if w.of.span == nil {
		return nil
	}
	span := *w.of.span
	if w.of.after != nil {
		span = window.Piece{From: w.position.From, To: w.position.To}
	}
	pieces, err := w.fact.Cut(span, time.Now())
	if err != nil {
		return &client.Error{Code: client.CodeBadUserInput, Op: w.of.op, Message: err.Error(), Hint: "give from and to as the schema describes them"}
	}
	w.pieces = pieces
	if len(pieces) > 1 {
		span = window.Span(pieces)
	}
	w.position.From, w.position.To = span.From, span.To
	return nil
}

// look begins to judge the answers of a piece.
func (w *walk) look() {
	start := client.Start{Token: w.position.Token, Pages: w.position.Pages, Numbered: w.fact.Numbered(), Key: w.identity}
	if w.want > 0 {
		start.Want = w.position.Skip + w.want - len(w.items)
	}
	w.judge = client.NewWalk(w.of.op, w.of.list, start)
}

// identity is what tells an item from others of the list: its thing's key, and where the list may have a thing several
// times, what tells these apart.
func (w *walk) identity(item []byte) string {
	key := w.of.keyOf(item)
	for _, name := range w.fact.Apart {
		value, _ := rawjson.Member(item, name)
		key += "\x00" + string(value)
	}
	return key
}

// filterOf is short for what a list is filtered by, and for the sub account that it is in.
func filterOf(account string, of pageOf, query url.Values) string {
	text := of.op.ID + "/" + strings.Join(of.path, "/") + "?" + query.Encode()
	if of.span != nil {
		text += "&" + of.span.From + "&" + of.span.To
	}
	if account != "" {
		text += "\x00" + account
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// run reads until there is enough. What was read stays beside an error; there is more behind it unless the list itself
// is what is wrong.
func (w *walk) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil { // of answers that are known, nobody else looks
			return client.Interrupted(ctx, w.of.op)
		}
		next, err := w.step(ctx)
		if err != nil || !w.more || w.want > 0 && len(w.items) == w.want {
			return err
		}
		piece := w.position.Piece
		if w.position = w.behind(next); w.position.Piece != piece {
			w.look()
		}
	}
}

// step reads one answer and takes from it what is wanted. next leads to the answer behind it.
func (w *walk) step(ctx context.Context) (next string, err error) {
	body, err := w.fetch(ctx)
	if err != nil {
		return "", err
	}
	if w.of.in != "" {
		body, _ = rawjson.Member(body, w.of.in)
	}
	page, err := w.judge.Read(body)
	w.answer = body
	answer := rawjson.Parse(body)
	if w.of.span != nil {
		w.asked = append(w.asked, spanIn(answer, w.pieces[w.position.Piece]))
	}
	if raw, ok := answer.Member("total_records"); ok {
		w.counts[w.position.Piece] = raw.Text
	}
	w.take(page, err)
	return page.Next, err
}

// fetch asks for an answer, and waits for it. What hangs on the items so far is asked for beside it and behind it, so that
// neither waits for the other.
func (w *walk) fetch(ctx context.Context) ([]byte, error) {
	if w.ahead == nil || len(w.items) == 0 {
		return w.session.Await(w.root, w.session.Gather(ctx, w.of.op, w.of.path, w.parameters()))
	}
	read := w.session.GatherFirst(ctx, w.of.op, w.of.path, w.parameters())
	if w.running = w.ahead() || w.running; w.running {
		return w.session.AwaitBeside(read)
	}
	return w.session.Await(w.root, read)
}

// parameters are the query of the answer at the walk's position.
func (w *walk) parameters() url.Values {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	if w.position.Size > 0 {
		set("page_size", strconv.Itoa(w.position.Size))
	}
	set("include_fields", w.position.With)
	maps.Copy(query, w.query)
	for _, name := range strings.FieldsFunc(w.position.On, func(c rune) bool { return c == ',' }) {
		query.Set(name, "true")
	}
	piece := w.pieces[w.position.Piece]
	set("from", piece.From)
	set("to", piece.To)
	if w.fact.Numbered() {
		set("page_number", w.position.Token)
	} else {
		set("next_page_token", w.position.Token)
	}
	return query
}

func (w *walk) take(page client.Page, fault error) {
	left := false
	for i, item := range page.Items {
		if page.Index[i] < w.position.Skip {
			continue
		}
		if w.want > 0 && len(w.items) == w.want {
			left = true
			break
		}
		behind := w.position
		behind.Skip = page.Index[i] + 1
		w.items = append(w.items, item)
		w.positions = append(w.positions, behind)
	}
	next := page.Next != "" || fault == nil && w.position.Piece+1 < len(w.pieces)
	w.more = left || next
	if !left && next && len(w.positions) > 0 {
		// Behind an answer's last item the next answer begins: so it need not be read again.
		w.positions[len(w.positions)-1] = w.behind(page.Next)
	}
}

// behind is the position where the answer begins that a token leads to; without a token, the next piece.
func (w *walk) behind(token string) cursor.Position {
	next := w.position
	next.Token, next.Skip, next.Pages, next.At = token, 0, next.Pages+1, time.Now().Unix()
	if token == "" {
		next.Pages, next.Piece = 0, next.Piece+1
	}
	return next
}

// spanIn is the time that an answer tells of: Zoom may move from without a word.
func spanIn(answer rawjson.Value, asked window.Piece) window.Piece {
	told := func(name string) string {
		raw, _ := answer.Member(name)
		return client.IDOf(raw.Text)
	}
	return window.Piece{From: cmp.Or(told("from"), asked.From), To: cmp.Or(told("to"), asked.To)}
}
