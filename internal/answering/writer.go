package answering

import "context"

// Writer holds one answer while it is written and until it is sent. It is used by one goroutine at a time. Where there is
// no room for more, its writing methods panic, which [Try] turns into an error: what writes an answer, gqlgen's own code
// among it, looks at no errors.
type Writer struct {
	budget *Budget
	ctx    context.Context //nolint:containedctx // the answer's deadline, which ends the wait for room
	first  *[small]byte
	parts  [][]byte // full
	last   []byte
	end    int // how long last may become
	size   int // of parts
	held   int // bytes taken for what Join made
	drafts []*Writer
	before int // bytes of the drafts before this one
	err    error
}

// Open begins an answer. Close must be called when it is sent, or not wanted any more.
func (b *Budget) Open(ctx context.Context) *Writer {
	first, _ := smalls.Get().(*[small]byte)
	w := &Writer{budget: b, ctx: ctx, first: first}
	w.begin(first[:0])
	return w
}

// begin goes on in an empty piece, as far as the answer may.
func (w *Writer) begin(p []byte) {
	w.last = p
	w.end = min(cap(p), w.Room())
}

// Reserve takes room for n bytes of something else that the answer needs, until Close, and reports false where there is
// none.
func (w *Writer) Reserve(n int) bool {
	if w.err = w.budget.take(w.ctx, n, n); w.err == nil {
		w.held += n
	}
	return w.err == nil
}

// Draft begins a part of the answer that is written before its place comes. All drafts together are as large as an answer
// may be. A draft is closed with its answer at the latest.
func (w *Writer) Draft() *Writer {
	draft := w.budget.Open(w.ctx)
	for _, d := range w.drafts {
		draft.before += d.Len()
	}
	draft.begin(draft.last)
	w.drafts = append(w.drafts, draft)
	return draft
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	return write(w, p), nil
}

// WriteString implements io.StringWriter.
func (w *Writer) WriteString(s string) (int, error) {
	return write(w, s), nil
}

func write[T []byte | string](w *Writer, p T) int {
	all := len(p)
	for {
		n := copy(w.last[len(w.last):w.end], p)
		w.last = w.last[:len(w.last)+n]
		if p = p[n:]; len(p) == 0 {
			return all
		}
		w.grow(len(p))
	}
}

// grow adds a piece for more bytes, of which so many are known to come.
func (w *Writer) grow(more int) {
	if more > w.Room() {
		w.abort(ErrTooLarge)
	}
	if err := w.budget.take(w.ctx, piece, w.size+len(w.last)); err != nil {
		w.abort(err)
	}
	w.parts = append(w.parts, w.last)
	w.size += len(w.last)
	w.begin(w.budget.piece())
}

// Room is how many bytes the answer may still grow by.
func (w *Writer) Room() int { return max(w.budget.each-w.before-w.size-len(w.last), 0) }

// Exceed ends the writing because what is to come is larger than Room.
func (w *Writer) Exceed() { w.abort(ErrTooLarge) }

func (w *Writer) abort(err error) {
	w.err = err
	panic(aborted{err})
}

// Len is how many bytes were written.
func (w *Writer) Len() int {
	n := len(w.last)
	for _, p := range w.parts {
		n += len(p)
	}
	return n
}

// Err is why the answer was not written to its end.
func (w *Writer) Err() error { return w.err }

// Fail notes that a part of the answer could not be written.
func (w *Writer) Fail(err error) { w.err = err }

// Parts is what was written. It is good until Close.
func (w *Writer) Parts() [][]byte { return append(w.parts[:len(w.parts):len(w.parts)], w.last) }

// Join makes one piece of the answer and leaves the writer empty. That piece is never used again, so whoever has it may
// keep it. Until Close it counts in place of those that it is made of.
func (w *Writer) Join() []byte {
	n := w.Len()
	whole := make([]byte, 0, n)
	for i, p := range w.Parts() {
		whole = append(whole, p...)
		w.Sent(i)
	}
	w.Drop()
	if n > small {
		w.held += n
		w.budget.give(-n)
	}
	return whole
}

// Drop forgets what was written, and gives the room of its pieces back.
func (w *Writer) Drop() {
	for i := range w.Parts() {
		w.Sent(i)
	}
	w.parts, w.last, w.end, w.size = nil, nil, 0, 0
}

// Sent gives back the room of a part that the client has taken.
func (w *Writer) Sent(part int) {
	switch {
	case part == len(w.parts):
		w.put(&w.last)
	case part < len(w.parts):
		w.put(&w.parts[part])
	}
}

func (w *Writer) put(p *[]byte) {
	if cap(*p) == piece {
		w.budget.release(*p)
	}
	*p = nil
}

// Close gives everything back.
func (w *Writer) Close() {
	for _, draft := range w.drafts {
		draft.Close()
	}
	w.Drop()
	if w.held > 0 {
		w.budget.give(w.held)
		w.held = 0
	}
	if w.first != nil {
		smalls.Put(w.first)
		w.first = nil
	}
}

// aborted is what a Writer panics with.
type aborted struct{ err error }

// Try calls f, and returns why a Writer in it had no room.
func Try(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case aborted:
			err = p.err
		default:
			panic(p)
		}
	}()
	f()
	return nil
}

// Aborts tells whether a panic is a Writer's, for those who recover from others.
func Aborts(p any) bool { _, ok := p.(aborted); return ok }

// Key is the key under which the context of an answer has its *Writer, for those who write it.
type Key struct{}

// From is the writer of the answer that ctx belongs to, nil outside of one.
func From(ctx context.Context) *Writer {
	w, _ := ctx.Value(Key{}).(*Writer)
	return w
}
