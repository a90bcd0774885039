package world

// This file implements who is in the world at a time. Reads run side by side, writes
// alone. What is made up on the way is kept, and only one who is alone may keep
// something: a read that has to, starts again alone. Start reading at share.

// crowded ends a read that has to be alone.
type crowded struct{}

// Keep says that something is about to be kept that was made up. It does not return
// where other reads might see it half made.
func (w *World) Keep() {
	if w.readers.Load() > 0 {
		panic(crowded{})
	}
}

// share runs an operation beside others if it can.
func (w *World) share(c *Call) (answer Answer, err error) {
	if c.Op.Reads() {
		if w.together(func() { answer, err = w.perform(c) }) {
			return answer, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.perform(c)
}

// together runs a read while others may; false: it has to be alone.
func (w *World) together(read func()) (done bool) {
	w.mu.RLock()
	w.readers.Add(1)
	defer func() {
		w.readers.Add(-1)
		w.mu.RUnlock()
		if done {
			return
		}
		if why := recover(); why != nil && why != any(crowded{}) {
			panic(why)
		}
	}()
	read()
	return true
}
