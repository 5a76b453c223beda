package web

import (
	"net/url"
	"slices"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
)

// The two ways of saying what is selected.
const (
	// ModeIDs selects what is named.
	ModeIDs = "ids"
	// ModeFilter selects all that match a filter, with exceptions.
	ModeFilter = "filter"
)

// Selection is what the form around a list says is selected, in the words of the form:
// ids are the opaque ones of the pages, the filter is a query string. Nothing of it has
// been checked.
type Selection struct {
	Mode string
	// IDs are selected, in ModeIDs.
	IDs []string
	// Filter selects, in ModeFilter, without Except.
	Filter string
	Except []string
}

// ParseSelection reads the form that components.SelectionForm makes, with and without a
// script. In ModeIDs the ticked rows are `id`s, those of other pages too. In ModeFilter the
// exceptions of other pages are `except`, and a row of this page (`page_id`) that is not
// ticked (`id`) is one as well. Nothing is named twice, and the order of the form is kept.
func ParseSelection(form url.Values) Selection {
	if form.Get("mode") != ModeFilter {
		return Selection{Mode: ModeIDs, IDs: distinct(form["id"], nil)}
	}
	ticked := make(map[string]bool, len(form["id"]))
	for _, id := range form["id"] {
		ticked[id] = true
	}
	return Selection{
		Mode:   ModeFilter,
		Filter: form.Get("filter"),
		Except: distinct(slices.Concat(form["except"], form["page_id"]), ticked),
	}
}

// Values writes the selection as form fields again, to carry it through a dialog.
func (s Selection) Values() url.Values {
	if s.Mode == ModeFilter {
		return url.Values{"mode": {ModeFilter}, "filter": {s.Filter}, "except": s.Except}
	}
	return url.Values{"mode": {ModeIDs}, "id": s.IDs}
}

// Contacts is the selection as the address book takes it. Dates of the filter are dates in
// zone, the institution's. What is no id is left out; a faulty filter is fault.Fields.
func (s Selection) Contacts(zone *time.Location) (contact.Selection, error) {
	if s.Mode != ModeFilter {
		return contact.Selection{IDs: contactIDs(s.IDs)}, nil
	}
	words, err := url.ParseQuery(s.Filter)
	if err != nil {
		return contact.Selection{}, fault.Invalid("filter", "is not a list of words and values; go back to the list and select again")
	}
	f, err := contact.ParseFilter(words, zone)
	return contact.Selection{Filter: f, Except: contactIDs(s.Except)}, err
}

func contactIDs(texts []string) []int64 {
	ids := make([]int64, 0, len(texts))
	for _, text := range texts {
		if id, ok := db.ParseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// distinct keeps the first of each id that is neither empty nor left out.
func distinct(ids []string, without map[string]bool) []string {
	seen := make(map[string]bool, len(ids))
	var kept []string
	for _, id := range ids {
		if id == "" || seen[id] || without[id] {
			continue
		}
		seen[id] = true
		kept = append(kept, id)
	}
	return kept
}
