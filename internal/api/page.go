package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
)

// Paging is how every list is asked for in parts.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many to answer at most."`
	Cursor string `query:"cursor" doc:"Where to go on: the next_cursor of the part before, with the same filter and sort."`
}

// List is a part of a list.
type List[T any] struct {
	Data       []T     `json:"data" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Asks for the next part; null at the end."`
	Total      int     `json:"total" doc:"How many there are in all parts, exactly."`
}

type listOutput[T any] struct{ Body List[T] }

// sealSize is how many bytes of a cursor say which list it belongs to.
const sealSize = 8

// seal stands for a list: whose it is, what it lists, its filter and its sort. A cursor of
// another list does not fit.
func seal(ctx context.Context, list ...string) []byte {
	t := callerOf(ctx)
	h := sha256.Sum256(fmt.Appendf(nil, "%d %d %q", t.InstitutionID, t.UserID, list))
	return h[:sealSize]
}

// position is where a list goes on, "" at its beginning.
func (p Paging) position(seal []byte) (string, error) {
	if p.Cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || !strings.HasPrefix(string(raw), string(seal)) || len(raw) == sealSize {
		return "", errForeignCursor
	}
	return string(raw[sealSize:]), nil
}

var errForeignCursor = fault.Invalid("query.cursor", "belongs to another list, filter or sort; leave it out to begin anew")

func cursor(seal []byte, position string) *string {
	if position == "" {
		return nil
	}
	c := base64.RawURLEncoding.EncodeToString(append(seal[:sealSize:sealSize], position...))
	return &c
}

// positionID is position for a list that goes by ids; 0 at its beginning.
func (p Paging) positionID(seal []byte) (int64, error) {
	at, err := p.position(seal)
	if at == "" || err != nil {
		return 0, err
	}
	id, ok := db.ParseID(at)
	if !ok {
		return 0, errForeignCursor
	}
	return id, nil
}

// byID renders a part of a list that goes by ids. One more than the limit was asked for, to
// know whether there is a next part.
func byID[T, J any](p Paging, seal []byte, found []T, total int, id func(T) int64, render func(T) J) *listOutput[J] {
	out := &listOutput[J]{List[J]{Data: []J{}, Total: total}}
	if len(found) > p.Limit {
		found = found[:p.Limit]
		out.Body.NextCursor = cursor(seal, db.FormatID(id(found[p.Limit-1])))
	}
	for _, x := range found {
		out.Body.Data = append(out.Body.Data, render(x))
	}
	return out
}

// positionAt is position for a list that goes by places of its own kind; the zero place at
// its beginning.
func positionAt[P any](p Paging, seal []byte) (place P, err error) {
	at, err := p.position(seal)
	if at == "" || err != nil {
		return place, err
	}
	// No stored text holds a NUL, and PostgreSQL does not take one.
	if strings.Contains(at, `\u0000`) || json.Unmarshal([]byte(at), &place) != nil {
		return place, errForeignCursor
	}
	return place, nil
}

// byPlace renders a part of a list behind which next begins; the zero place is the end.
func byPlace[T, J any, P comparable](seal []byte, found []T, next P, total int, render func(T) J) (*listOutput[J], error) {
	out := &listOutput[J]{List[J]{Data: []J{}, Total: total}}
	for _, x := range found {
		out.Body.Data = append(out.Body.Data, render(x))
	}
	if next == *new(P) {
		return out, nil
	}
	at, err := json.Marshal(next)
	out.Body.NextCursor = cursor(seal, string(at))
	return out, err
}
