package program

import "sync/atomic"

// Lasting keeps what was derived from one program, the last one. Most processes have no other. All callers share the
// result, so none may change it. The zero value is ready, also for many goroutines at once.
type Lasting[T any] struct {
	last atomic.Pointer[derivation[T]]
}

type derivation[T any] struct {
	of     *Program
	result T
}

// Of returns what derive makes of p. It calls derive unless p was the last program that it was given, and went well.
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
