// Package fault holds the kinds of errors that a use case may answer with, so that the
// API and the pages can each map them to a status and a sentence in one place. A domain
// package wraps or returns these; anything else is an internal error.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Field says what is wrong with one input, by the name it has in the API.
type Field struct {
	// Path names the input, for example "email" or "selection.ids".
	Path string
	// Message is a sentence that names the cure.
	Message string
}

// Fields is the error of input that cannot be accepted. It lists every faulty input, so
// that nobody has to correct them one by one.
type Fields []Field

// Error joins all messages in one line.
func (f Fields) Error() string {
	parts := make([]string, len(f))
	for i, x := range f {
		parts[i] = x.Path + ": " + x.Message
	}
	return strings.Join(parts, "; ")
}

// Invalid is Fields with one entry.
func Invalid(path, format string, args ...any) error {
	return Fields{{Path: path, Message: fmt.Sprintf(format, args...)}}
}

// ErrNotFound says that a thing does not exist for whoever asked: it may exist elsewhere.
var ErrNotFound = errors.New("not found")

// NotFound is ErrNotFound with the name of what was looked for.
func NotFound(what string) error { return fmt.Errorf("%s %w", what, ErrNotFound) }

// Forbidden says that who asked may not do this, and what it would take.
type Forbidden struct{ Needs string }

func (e Forbidden) Error() string { return "not allowed: " + e.Needs }

// Conflict says that the thing changed or exists already.
type Conflict struct {
	Message string
	// ExistingID is the id of what stands in the way, 0 when there is none.
	ExistingID int64
}

func (e Conflict) Error() string { return e.Message }

// Limited says that a limit is reached, and when to try again.
type Limited struct {
	Message string
	After   time.Duration
}

func (e Limited) Error() string { return e.Message }
