package program

import "sync/atomic"

// Lasting keeps what was derived from a program last: a process has one program, and begins many things with what
// follows from it. What is kept is shared, and is not to be changed. The zero value is ready, and may be used by many
// goroutines.
type Lasting[T any] struct {
	last atomic.Pointer[derivation[T]]
}

type derivation[T any] struct {
	of     *Program
	result T
}

// Of is what derive makes of p. An error is not kept.
func (d *Lasting[T]) Of(p *Program, derive func(*Program) (T, error)) (T, error) {
	if last := d.last.Load(); last != nil && last.of == p {
		return last.result, nil
	}
	result, err := derive(p)
	if err == nil {
		d.last.Store(&derivation[T]{p, result})
	}
	return result, err
}
