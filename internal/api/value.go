package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/db"
	"beckon/internal/fault"
)

// Time is a moment in answers: RFC 3339 in UTC with milliseconds, null for never.
type Time struct{ time.Time }

// MarshalJSON writes the moment.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`), nil
}

// Schema tells OpenAPI about it.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// moment reads a time of a body.
func moment(path, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fault.Invalid(path, "is not a time; write it like 2026-11-23T09:30:00Z or 2026-11-23T10:30:00+01:00")
	}
	return t, nil
}

// pathID is the id in a path. What is no id is not there.
func pathID(what, text string) (int64, error) {
	id, ok := db.ParseID(text)
	if !ok {
		return 0, fault.NotFound(what)
	}
	return id, nil
}

// bodyID is an id in a body. What is no id counts as not there: no thing has -1.
func bodyID(text string) int64 {
	if id, ok := db.ParseID(text); ok {
		return id
	}
	return -1
}

// nullID is an id in an answer, null for none.
func nullID(id int64) *string {
	if id == 0 {
		return nil
	}
	text := db.FormatID(id)
	return &text
}

// some is a list that is never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
