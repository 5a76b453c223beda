package db

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Millis is t as the database keeps it: Unix milliseconds, 0 for the zero time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the reverse of Millis, in UTC.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// FormatID is the opaque text that stands for an id outside the process.
func FormatID(id int64) string { return strconv.FormatInt(id, 36) }

// ParseID is the reverse of FormatID. Text that FormatID never writes is no id.
func ParseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 36, 64)
	if err != nil || id <= 0 || FormatID(id) != s {
		return 0, false
	}
	return id, true
}

// Bool is b as the database keeps it.
func Bool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Params writes "$from, $from+1, ..." for n parameters.
func Params(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// Tuples writes rows of parameters for a VALUES clause: "($1,$2),($3,$4)".
func Tuples(from, rows, width int) string {
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		b.WriteString(Params(from+i*width, width))
		b.WriteByte(')')
	}
	return b.String()
}

// Args turns ids into arguments for a statement.
func Args[T any](ids []T) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// Like is text as a part of a pattern for LIKE ... ESCAPE '\', where it stands for itself.
func Like(text string) string { return wildcards.Replace(text) }

var wildcards = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// IsNoRows tells whether err says that a query for one row found none.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
