package demo

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"time"
)

// event is something that happens at a time. n keeps those of one moment in order.
type event struct {
	at   time.Time
	n    int
	what string
	do   func(context.Context) error
}

// events are a heap, the earliest on top.
type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e events) Less(i, j int) bool {
	return cmp.Or(e[i].at.Compare(e[j].at), cmp.Compare(e[i].n, e[j].n)) < 0
}

func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// ago is a time so many days before the end of the story.
func (w *world) ago(days float64) time.Time {
	return w.end.Add(-time.Duration(days * float64(24*time.Hour)))
}

// plan lets something happen at a time, unless the story ends before.
func (w *world) plan(at time.Time, what string, do func(context.Context) error) {
	if at.Before(w.end) {
		w.planned++
		heap.Push(&w.events, event{at, w.planned, what, do})
	}
}

// later plans something so many days from now, by the story's clock.
func (w *world) later(days float64, what string, do func(context.Context) error) {
	w.plan(w.now().Add(time.Duration(days*float64(24*time.Hour))), what, do)
}

// play lets everything happen in its order; events may plan further ones.
func (w *world) play(ctx context.Context) error {
	for w.events.Len() > 0 {
		e := heap.Pop(&w.events).(event)
		w.setClock(e.at)
		if err := e.do(ctx); err != nil && !lived(err) {
			return fmt.Errorf("%s: %w", e.what, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	w.setClock(w.end)
	return nil
}
