package contact

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Selection says which contacts an act is meant for: these ids, or those that a filter finds
// less some. Archived contacts are part of it where their ids are named, or the filter asks
// for them.
type Selection struct {
	// IDs is not nil in a selection by ids, though it may be empty.
	IDs    []int64
	Filter Filter
	Except []int64
}

// ParseSelection reads a selection as the API takes it: {"ids":[...]}, or {"filter":...,
// "except":[...]} where the filter is an object of words, each with a text or a list of
// texts, or one text with URL parameters. Errors are fault.Fields.
func ParseSelection(data []byte, zone *time.Location) (Selection, error) {
	var raw struct {
		IDs    *[]string       `json:"ids"`
		Filter json.RawMessage `json:"filter"`
		Except []string        `json:"except"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&raw); err != nil || !errors.Is(d.Decode(new(any)), io.EOF) {
		return Selection{}, fault.Invalid("selection", `is not a selection; write {"ids":[...]} or {"filter":{...},"except":[...]}`)
	}
	byFilter := len(raw.Filter) > 0 && string(raw.Filter) != "null"
	switch {
	case raw.IDs != nil && (byFilter || len(raw.Except) > 0):
		return Selection{}, fault.Invalid("selection", "has ids and a filter; keep one of the two")
	case raw.IDs != nil:
		return Selection{IDs: parseIDs(*raw.IDs)}, nil
	case !byFilter:
		return Selection{}, fault.Invalid("selection", `names no contacts; write {"ids":[...]}, or {"filter":{}} for all`)
	}
	f, err := ReadFilter(raw.Filter, zone, "selection.filter")
	return Selection{Filter: f, Except: parseIDs(raw.Except)}, err
}

// ReadFilter reads a filter in JSON: an object of words, each with a text or a list of texts,
// or one text with URL parameters. Errors are those of ParseFilter, below path.
func ReadFilter(data []byte, zone *time.Location, path string) (Filter, error) {
	values, err := filterValues(data, path)
	if err != nil {
		return Filter{}, err
	}
	f, err := ParseFilter(values, zone)
	var faults fault.Fields
	if errors.As(err, &faults) {
		for i := range faults {
			faults[i].Path = path + "." + faults[i].Path
		}
		return Filter{}, faults
	}
	return f, err
}

// parseIDs leaves out what is no id: it is not there.
func parseIDs(texts []string) []int64 {
	ids := make([]int64, 0, len(texts))
	for _, s := range texts {
		if id, ok := db.ParseID(s); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// filterValues reads a filter in JSON into what ParseFilter takes.
func filterValues(data []byte, path string) (map[string][]string, error) {
	var query string
	if json.Unmarshal(data, &query) == nil {
		values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
		if err != nil {
			return nil, fault.Invalid(path, "is not a list of URL parameters; write for example label=Board&standing=contact")
		}
		return values, nil
	}
	var words map[string]json.RawMessage
	if err := json.Unmarshal(data, &words); err != nil {
		return nil, fault.Invalid(path, `is not a filter; write for example {"label":["Board"],"standing":"contact"}`)
	}
	values := map[string][]string{}
	for name, raw := range words {
		if raw[0] != '[' {
			raw = slices.Concat([]byte("["), raw, []byte("]"))
		}
		var list []*string
		if err := json.Unmarshal(raw, &list); err != nil || slices.Contains(list, nil) {
			return nil, fault.Invalid(path+"."+name, "is neither a text nor a list of texts")
		}
		values[name] = []string{}
		for _, v := range list {
			values[name] = append(values[name], *v)
		}
	}
	return values, nil
}

// MarshalJSON writes the selection as ParseSelection reads it.
func (s Selection) MarshalJSON() ([]byte, error) {
	if s.IDs != nil {
		return json.Marshal(map[string]any{"ids": formatIDs(s.IDs)})
	}
	return json.Marshal(map[string]any{"filter": s.Filter.Values(), "except": formatIDs(s.Except)})
}

func formatIDs(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = db.FormatID(id)
	}
	return out
}

// Resolve finds the contacts that a selection means now. Ids that the institution has not
// are left out.
func (b *Book) Resolve(ctx context.Context, tx *db.Tx, s institution.Scope, sel Selection) (List, error) {
	if err := s.Require(institution.Read); err != nil {
		return List{}, err
	}
	p, err := b.plan(ctx, tx, s.ID(), sel)
	if err != nil {
		return List{}, err
	}
	return p.list(ctx, tx)
}

// idArray is ids of the institution as a JSON array, the one argument that stands for any
// number of them.
func idArray(institutionID int64, ids []int64) string {
	mine := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id>>32 != institutionID })
	buf := []byte{'['}
	for i, id := range mine {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = strconv.AppendInt(buf, id, 10)
	}
	return string(append(buf, ']'))
}

// elements is a subquery with the numbers of a JSON array that is bound as param.
func elements(e db.Engine, param string) string {
	if e == db.Postgres {
		return `(SELECT value::bigint FROM jsonb_array_elements_text(` + param + `::jsonb))`
	}
	return `(SELECT value FROM json_each(` + param + `))`
}
