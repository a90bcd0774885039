package answering

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// CodeTooLarge is the code of the error in place of an answer that is larger than one may be.
const CodeTooLarge = "ANSWER_TOO_LARGE"

// Refusal is the error in place of the answer to an operation that was not written to its end; nil where it was.
func (w *Writer) Refusal(kind ast.Operation) *gqlerror.Error {
	if w == nil || w.err == nil {
		return nil
	}
	out := &gqlerror.Error{
		Message:    "other answers take all the room that this service has for answers; come again in a second, or ask for less",
		Extensions: map[string]any{"code": "RATE_LIMITED"},
	}
	if errors.Is(w.err, ErrTooLarge) {
		out.Message = fmt.Sprintf("this answer has more than %d bytes, which is the most that one may have; ask for fewer fields, or for fewer things at a time", w.budget.each)
		out.Extensions = map[string]any{"code": CodeTooLarge, "limit": w.budget.each, "hint": "the operator can allow more with --max-answer-bytes"}
	}
	if kind == ast.Mutation {
		out.Message += ". The mutation was carried out, only its answer is missing: do not send it again"
	}
	return out
}
